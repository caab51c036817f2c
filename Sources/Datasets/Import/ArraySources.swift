import HDF5
internal import Support
internal import Tensors

/// An array of images and their labels, as a file has them.
struct LabeledArray {
  let images: any NumberArray
  let labels: LabelValues
  /// The range of the values, if it is known already.
  var survey: ValueSurvey?
  /// The split of each image, where the source tells it.
  var splits: [Split]?
}

extension LabeledArray {
  /// Two arrays of an HDF5 file, of MATLAB's format 7.3 too.
  /// - Throws: `FileError` if the file or the arrays are missing or hold something else.
  init(hdf5 path: String, images: String, labels: String) throws(FileError) {
    let head = try FileBytes.head(of: path, count: 10)
    guard head != Array("MATLAB 5.0".utf8) else {
      throw FileError(
        what: "a file in MATLAB's format 5", path: path, expected: "format 7.3, which is HDF5",
        action: "save it in MATLAB with save(…, '-v7.3'), or the arrays as .npy with scipy.io.loadmat and numpy.save")
    }
    let file = try withFileErrors { () throws(HDF5Error) in try HDF5File(opening: path) }
    self.images = try HDF5Array(try withFileErrors { () throws(HDF5Error) in try file.dataset(images) })
    self.labels = try LabelValues(of: file, labels)
  }
}

extension SourceImages {
  /// Images of arrays, one after another, and of the source's own test set.
  ///
  /// Black and white are the same for all, as are the classes.
  /// - Throws: `FileError` if arrays, labels and what was asked for do not fit together.
  init(
    _ parts: [LabeledArray], test: LabeledArray?, classNames: [String]?, reading: ArrayReading,
    remarks: [String] = [], _ workplace: ImportWorkplace
  ) throws(FileError) {
    let arrays = parts + (test.map { [$0] } ?? [])
    let arrangements = try arrays.map { array throws(FileError) in
      try ImageArrangement(of: array.images, reading: reading, labels: array.labels.count)
    }
    let layout = arrangements[0].layout
    if let odd = arrangements[..<parts.count].firstIndex(where: { $0.layout != layout }) {
      throw FileError(
        what: "images of \(arrangements[odd].layout)", path: arrays[odd].images.path,
        expected: "images of \(layout) as in \(arrays[0].images.path)", action: "give files of images of one size")
    }
    let table = try LabelTable(
      arrays.map(\.labels), classNames: classNames, firstLabel: reading.firstLabel)
    var surveys: [ValueSurvey] = []
    for (array, arrangement) in zip(arrays, arrangements) {
      var survey = array.survey ?? ValueSurvey()
      if array.survey == nil { try survey.add(array.images, arrangement, workplace) }
      surveys.append(survey)
    }
    var survey = surveys[0]
    for other in surveys.dropFirst() { survey.add(other) }
    // One set divided by 255 and the other not.
    if reading.minimum == nil, reading.maximum == nil, survey.highest > 1,
      let odd = surveys.firstIndex(where: { $0.highest <= 1 })
    {
      throw FileError(
        what: "no sample above 1, but up to \(survey.highest.plain) elsewhere", path: arrays[odd].images.path,
        expected: "one range for all files of images",
        action: "say which number is white with --maximum, or convert one of them")
    }
    let (scale, remark) = try survey.scale(arrays[0].images.element, reading, path: arrays[0].images.path)
    func images(_ set: Int, of split: Split? = nil) -> ArrayImages {
      let splits = arrays[set].splits
      let places = (0..<arrangements[set].count).filter { split == nil || splits?[$0] == split }
      return ArrayImages(arrays[set].images, arrangements[set], scale, labels: table.labels[set], places: places)
    }
    func given(_ split: Split) -> ArrayImages? {
      arrays[0].splits?.contains(split) == true ? images(0, of: split) : nil
    }
    let hasSplits = arrays[0].splits != nil
    guard !hasSplits || arrays.count == 1 else {
      throw FileError(
        what: "a column of splits beside a file of test images", path: arrays[0].images.path,
        expected: "one of them", action: "leave the test file out, or remove the column")
    }
    var said = [arrangements[0].remark]
    if test != nil, let own = arrangements.last {
      said.append(own.remark)
      if own.layout != layout { said.append("the test images are of \(own.layout), those of training of \(layout)") }
    }
    let training: any ImageSource =
      parts.count > 1 ? JoinedImages(parts.indices.map { images($0) }) : images(0, of: hasSplits ? .train : nil)
    let all = SourceImages(
      train: training, validation: given(.validation),
      test: given(.test) ?? (test == nil ? nil : images(parts.count)), classNames: table.classNames,
      remarks: remarks + said.compactMap(\.self) + [remark] + table.remarks)
    self = try all.withKnownClasses(
      names: table.classNames ?? [], areGiven: classNames != nil, path: arrays.last?.labels.path ?? "",
      note: test == nil ? "" : table.offsetNote)
  }
}
