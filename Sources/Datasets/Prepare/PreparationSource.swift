import Images
internal import Serialization
internal import Support

/// The source of a dataset: files or folders of images with labels.
package enum PreparationSource: Sendable, Equatable {
  /// Two files, of images and of their labels.
  package struct Pair: Sendable, Equatable {
    /// The path of the images.
    package var images: String
    /// The path of the labels.
    package var labels: String

    /// A pair of paths.
    package init(images: String, labels: String) {
      self.images = images
      self.labels = labels
    }
  }

  /// How the numbers of an array become images.
  package typealias ArrayReading = Datasets.ArrayReading

  /// IDX files, gzip or plain, for instance MNIST's `train` and `t10k`.
  case idx(train: Pair, test: Pair?, ArrayReading = ArrayReading())
  /// CSV files, gzip or plain: a label and an image's values in each row; a column can tell the splits.
  case csv(train: String, test: String?, label: LabelColumn, ArrayReading, text: CSVReading = CSVReading())
  /// NumPy's `.npy` and `.npz` files and pickles of arrays, `more` being further files such as CIFAR-10's batches; paths as of
  /// `ArrayPath`.
  case npy(train: Pair, more: [Pair] = [], test: Pair?, ArrayReading)
  /// A folder with a folder of images for each class, or with such folders for training, validation and test.
  case folder(String, FolderReading = FolderReading())
  /// A CSV file that lists image files with their labels, and their splits if it likes.
  case files(FileTable)
  /// Unsigned bytes and 64-bit labels that lie bare in other files.
  case raw(images: RawBuffer, labels: RawBuffer, count: Int, layout: ImageLayout, ArrayReading = ArrayReading())
  /// Two arrays of an HDF5 file, of MATLAB's format 7.3 too; `images` and `labels` are paths in it.
  case hdf5(path: String, images: String, labels: String, ArrayReading)
  /// A dataset file that was prepared before, its splits joined.
  case dataset(String)
  /// Folders of images and labeled boxes in them; of each pair `labels` is the file or folder of annotations.
  case boxes(AnnotationFormat, train: Pair, test: Pair?, BoxReading = BoxReading())
}

extension PreparationSource {
  /// Every file or folder that is read.
  package var paths: [String] {
    switch self {
    case .npy(let train, let more, let test, _):
      ([train] + more + (test.map { [$0] } ?? [])).flatMap { [$0.images, $0.labels] }.map { ArrayPath($0).file }
    case .idx(let train, let test, _):
      [train.images, train.labels] + (test.map { [$0.images, $0.labels] } ?? [])
    case .csv(let train, let test, label: _, _, text: _): [train] + (test.map { [$0] } ?? [])
    case .folder(let path, _), .hdf5(let path, images: _, labels: _, _), .dataset(let path): [path]
    case .files(let table): [table.path, table.folder]
    case .raw(let images, let labels, count: _, layout: _, _): [images.path, labels.path]
    case .boxes(_, let train, let test, let reading):
      [train.images, train.labels] + (test.map { [$0.images, $0.labels] } ?? []) + (reading.sets.map { [$0] } ?? [])
    }
  }

  /// Opens the source.
  /// - Throws: `FileError` for what is missing, damaged or does not fit together.
  func open(classNames: [String]?, in workplace: ImportWorkplace) throws(FileError) -> SourceImages {
    switch self {
    case .idx(let train, let test, let reading):
      func array(_ pair: Pair) throws(FileError) -> LabeledArray {
        LabeledArray(
          images: try IDXFile.array(in: SourceFile(pair.images, in: workplace)),
          labels: try LabelValues(of: IDXFile.array(in: SourceFile(pair.labels, in: workplace))))
      }
      return try SourceImages(
        [try array(train)], test: try test.map(array), classNames: classNames, reading: reading, workplace)
    case .npy(let train, let more, let test, let reading):
      func array(_ pair: Pair) throws(FileError) -> LabeledArray {
        LabeledArray(
          images: try NumPyFile.array(at: pair.images, in: workplace),
          labels: try NumPyFile.labels(at: pair.labels, in: workplace))
      }
      return try SourceImages(
        try ([train] + more).map(array), test: try test.map(array), classNames: classNames, reading: reading, workplace)
    case .csv(let train, let test, let label, let reading, let text):
      func table(_ path: String, like training: CSVTable? = nil) throws(FileError) -> CSVTable {
        try CSVTable(
          CSVSource(path, text, in: workplace), label: label, hasHeader: text.hasHeader, axes: reading.axes,
          training: training,
          workplace)
      }
      func array(_ table: CSVTable) -> LabeledArray {
        LabeledArray(images: table, labels: table.labels, survey: table.survey, splits: table.splits)
      }
      let training = try table(train)
      let own = try test.map { path throws(FileError) in try table(path, like: training) }
      return try SourceImages(
        [array(training)], test: own.map(array), classNames: classNames, reading: reading,
        remarks: training.remarks + (own?.remarks ?? []), workplace)
    case .folder(let path, let reading):
      return try FolderImages.contents(of: path, classNames: classNames, reading)
    case .dataset(let path): return try DatasetImages.contents(of: path)
    case .files(let table): return try table.contents(classNames: classNames, in: workplace)
    case .raw(let images, let labels, let count, let layout, var reading):
      reading.layout = layout
      return try SourceImages(
        [
          LabeledArray(
            images: try images.array(
              of: [count, layout.height, layout.width, layout.channels], element: .uint8, in: workplace),
            labels: try LabelValues(of: labels.array(of: [count], element: .int64, in: workplace)))
        ], test: nil, classNames: classNames, reading: reading, workplace)
    case .hdf5(let path, let images, let labels, let reading):
      return try SourceImages(
        [try LabeledArray(hdf5: path, images: images, labels: labels)], test: nil, classNames: classNames,
        reading: reading, workplace)
    case .boxes(let format, let train, let test, let reading):
      let annotations = try format.read(train.labels, reading, in: workplace)
      let classNames = classNames ?? annotations.classNames
      if let sets = reading.sets {
        let parts = try ImageSets(reading: sets).parts(of: annotations)
        func images(_ part: Annotations) throws(FileError) -> AnnotatedImages {
          try AnnotatedImages(part, folder: train.images, classNames: classNames)
        }
        let training = try images(parts.train)
        let others = try [parts.validation, parts.test].map { part throws(FileError) in try part.map(images) }
        return SourceImages(
          train: training, validation: others[0], test: others[1], classNames: classNames,
          remarks: training.remarks + others.flatMap { $0?.remarks ?? [] })
      }
      let trainImages = try AnnotatedImages(annotations, folder: train.images, classNames: classNames)
      let testImages = try test.map { pair throws(FileError) in
        try AnnotatedImages(
          try format.read(pair.labels, reading, in: workplace), folder: pair.images, classNames: classNames)
      }
      return SourceImages(
        train: trainImages, test: testImages, classNames: classNames,
        remarks: trainImages.remarks + (testImages?.remarks ?? []))
    }
  }
}
