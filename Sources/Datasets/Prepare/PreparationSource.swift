import Images
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
  package struct ArrayReading: Sendable, Equatable {
    /// The shape of flat rows; needed unless they are square gray images.
    package var layout: ImageLayout?
    /// The number that becomes 255.
    package var maximum: Double

    /// How to read an array's numbers: the layout of flat rows, and the number that becomes 255.
    package init(layout: ImageLayout? = nil, maximum: Double = 255) {
      self.layout = layout
      self.maximum = maximum
    }
  }

  /// IDX files, gzip or plain, for instance MNIST's `train` and `t10k`.
  case idx(train: Pair, test: Pair?)
  /// CSV files, gzip or plain: a label and an image's values in each row.
  case csv(train: String, test: String?, label: LabelColumn, ArrayReading)
  /// NumPy's `.npy` files.
  case npy(train: Pair, test: Pair?, ArrayReading)
  /// A folder with a folder of images for each class, or with such folders for training, validation and test.
  case folder(String, FolderReading = FolderReading())
  /// A CSV file that lists image files with their labels, and their splits if it likes.
  case files(FileTable)
  /// Unsigned bytes and 64-bit labels that lie bare in other files.
  case raw(images: RawBuffer, labels: RawBuffer, count: Int, layout: ImageLayout)
  /// Two arrays of an HDF5 file; `images` and `labels` are paths in it.
  case hdf5(path: String, images: String, labels: String, ArrayReading)
  /// Folders of images and labeled boxes in them; of each pair `labels` is the file or folder of annotations.
  ///
  /// Boxes marked crowd (COCO) or difficult (VOC) are left out unless `keepsMarked`.
  case boxes(AnnotationFormat, train: Pair, test: Pair?, keepsMarked: Bool)
}

/// The images of a source: those to split, and the validation and test sets if the source has its own.
struct SourceImages {
  let train: any ImageSource
  var validation: (any ImageSource)?
  let test: (any ImageSource)?
  /// The class names by label from 0 on, if the source or the user gives them.
  let classNames: [String]?
  /// What the source excludes, one sentence each.
  var remarks: [String] = []

  var count: Int { train.count + (test?.count ?? 0) + (validation?.count ?? 0) }

  /// The set of the source that an image belongs to: first come those to split, then test and validation.
  func givenSplit(of index: Int) -> Split {
    index < train.count ? .train : index < train.count + (test?.count ?? 0) ? .test : .validation
  }

  func label(at index: Int) -> Int {
    let (source, index) = place(of: index)
    return source.label(at: index)
  }

  func regions(at index: Int) -> [LabeledRegion] {
    let (source, index) = place(of: index)
    return source.regions(at: index)
  }

  func name(at index: Int) -> String {
    let (source, index) = place(of: index)
    return source.name(at: index)
  }

  func fileName(at index: Int) -> String? {
    let (source, index) = place(of: index)
    return source.fileName(at: index)
  }

  func image(at index: Int) throws(FileError) -> Image {
    let (source, index) = place(of: index)
    return try source.image(at: index)
  }

  func traits(at index: Int) throws(FileError) -> (Image, [ImageTrait: String]) {
    let (source, index) = place(of: index)
    return try source.traits(at: index)
  }

  private func place(of index: Int) -> (any ImageSource, Int) {
    var index = index
    for source in [train, test, validation].compactMap(\.self) {
      if index < source.count { return (source, index) }
      index -= source.count
    }
    preconditionFailure("SourceImages: no image \(index)")
  }
}

extension PreparationSource {
  /// Opens the source.
  /// - Throws: `FileError` for what is missing, damaged or does not fit together.
  func open(classNames: [String]?, in workplace: ImportWorkplace) throws(FileError) -> SourceImages {
    func arrays(
      _ pair: Pair, _ reading: ArrayReading, _ array: (SourceFile) throws(FileError) -> NumericArray
    ) throws(FileError) -> ArrayImages {
      try ArrayImages(
        images: try array(SourceFile(pair.images, in: workplace)),
        labels: try array(SourceFile(pair.labels, in: workplace)), layout: reading.layout, maximum: reading.maximum)
    }
    switch self {
    case .idx(let train, let test):
      let reading = ArrayReading()
      return SourceImages(
        train: try arrays(train, reading, IDXFile.array),
        test: try test.map { pair throws(FileError) in try arrays(pair, reading, IDXFile.array) },
        classNames: classNames)
    case .csv(let train, let test, let label, let reading):
      func rows(_ path: String) throws(FileError) -> CSVImages {
        try CSVImages(
          SourceFile(path, in: workplace), label: label, layout: reading.layout, maximum: reading.maximum, workplace)
      }
      return SourceImages(
        train: try rows(train), test: try test.map { path throws(FileError) in try rows(path) },
        classNames: classNames)
    case .npy(let train, let test, let reading):
      return SourceImages(
        train: try arrays(train, reading, NumPyFile.array),
        test: try test.map { pair throws(FileError) in try arrays(pair, reading, NumPyFile.array) },
        classNames: classNames)
    case .folder(let path, let reading):
      return try FolderImages.contents(of: path, classNames: classNames, reading)
    case .files(let table): return try table.contents(classNames: classNames, in: workplace)
    case .raw(let images, let labels, let count, let layout):
      let shape = [count, layout.height, layout.width, layout.channels]
      let pixels = try images.array(of: shape, element: .uint8, in: workplace)
      let numbers = try labels.array(of: [count], element: .int64, in: workplace)
      return SourceImages(
        train: try ArrayImages(images: pixels, labels: numbers, layout: layout, maximum: 255), test: nil,
        classNames: classNames)
    case .hdf5(let path, let images, let labels, let reading):
      return SourceImages(
        train: try HDF5Images(
          path: path, images: images, labels: labels, layout: reading.layout, maximum: reading.maximum),
        test: nil, classNames: classNames)
    case .boxes(let format, let train, let test, let keepsMarked):
      let annotations = try format.read(train.labels, keepsMarked: keepsMarked)
      let classNames = classNames ?? annotations.classNames
      let trainImages = try AnnotatedImages(annotations, folder: train.images, classNames: classNames)
      let testImages = try test.map { pair throws(FileError) in
        try AnnotatedImages(
          try format.read(pair.labels, keepsMarked: keepsMarked), folder: pair.images, classNames: classNames)
      }
      return SourceImages(
        train: trainImages, test: testImages, classNames: classNames,
        remarks: trainImages.remarks + (testImages?.remarks ?? []))
    }
  }
}
