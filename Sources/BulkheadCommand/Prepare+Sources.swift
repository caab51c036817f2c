import ArgumentParser
import Datasets
import Kernels
import Studies

/// How the numbers of an array become images.
struct ArrayOptions: ParsableArguments {
  @OptionGroup var samples: SampleOptions
  @Option(help: ArgumentHelp("The shape of flat rows that are not square gray images.", valueName: "HxWxC"))
  var layout: ImageLayout?
  @Option(
    help: ArgumentHelp(
      """
      The order of the axes, such as NHWC, NCHW, HWCN or, for flat rows, CHW (default: as their extents tell, where only \
      one order is possible).
      """, valueName: "letters"))
  var axes: ArrayAxes?

  var reading: PreparationSource.ArrayReading {
    var reading = samples.reading
    (reading.layout, reading.axes) = (layout, axes)
    return reading
  }
}

/// Which numbers are black, white, and the first class.
struct SampleOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: "The number that is black (default: 0).") var minimum: Double?
  @Option(
    help: "The number that is white, such as 1, 4095 or 65535 (default: as type and range of all samples tell).")
  var maximum: Double?
  @Option(
    parsing: .unconditional,
    help: "The label of the first class (default: 0, or 1 in MATLAB's arrays without a label of 0).")
  var firstLabel: Int?

  var reading: PreparationSource.ArrayReading {
    .init(minimum: minimum, maximum: maximum, firstLabel: firstLabel)
  }
}

/// The encoding and the separator of text where its bytes do not tell them beyond doubt.
struct EncodingOptions: ParsableArguments {
  @Option(help: "The encoding of the text, such as windows-1252 (default: UTF-8, or as a byte order mark tells).")
  var encoding: String?
  @Option(
    help: ArgumentHelp(
      "What parts fields: comma, semicolon, tab or space (default: as the first two lines tell).", valueName: "name"))
  var separator: Separator?

  var reading: CSVReading { CSVReading(encoding: encoding, separator: separator?.byte) }

  enum Separator: String, ExpressibleByArgument, CaseIterable {
    case comma, semicolon, tab, space

    var byte: UInt8 {
      switch self {
      case .comma: UInt8(ascii: ",")
      case .semicolon: UInt8(ascii: ";")
      case .tab: UInt8(ascii: "\t")
      case .space: UInt8(ascii: " ")
      }
    }
  }
}

/// How text is read where its bytes do not tell beyond doubt.
struct TextOptions: ParsableArguments {
  @OptionGroup var form: EncodingOptions
  @Option(help: ArgumentHelp("Whether the first line is a header (default: if it has no number).", valueName: "yes|no"))
  var header: Answer?

  var reading: CSVReading {
    var reading = form.reading
    reading.hasHeader = header.map { $0 == .yes }
    return reading
  }

  enum Answer: String, ExpressibleByArgument, CaseIterable { case yes, no }
}

extension ArrayAxes: ExpressibleByArgument {
  /// Reads `NCHW` or `HWC`.
  public init?(argument: String) { self.init(argument) }
}

extension ImageLayout: ExpressibleByArgument {
  /// Reads `28x28` or `32x32x3`.
  public init?(argument: String) {
    let extents = argument.split(separator: "x").compactMap { Int($0) }
    guard argument.split(separator: "x").count == extents.count, (2...3).contains(extents.count) else { return nil }
    self.init(height: extents[0], width: extents[1], channels: extents.count == 3 ? extents[2] : 1)
  }
}

extension LabelColumn: ExpressibleByArgument {
  /// Reads `first`, `last` or the name of a column.
  public init?(argument: String) {
    switch argument {
    case "": return nil
    case "first": self = .first
    case "last": self = .last
    default: self = .named(argument)
    }
  }
}

/// Files of images and labels, and those of a test set, if any.
struct PairOptions: ParsableArguments {
  @Option(help: "The file of images.") var images: String
  @Option(help: "The file of labels.") var labels: String
  @OptionGroup var own: TestPairOptions

  var train: PreparationSource.Pair { .init(images: images, labels: labels) }
  var test: PreparationSource.Pair? { own.pair }
}

/// Files of images and labels of the source's own test set.
struct TestPairOptions: ParsableArguments {
  @Option(help: "The source's own test images.") var testImages: String?
  @Option(help: "The labels of the source's own test images.") var testLabels: String?

  func validate() throws {
    guard (testImages == nil) == (testLabels == nil) else {
      throw ValidationError("--test-images and --test-labels go together")
    }
  }

  var pair: PreparationSource.Pair? {
    guard let testImages, let testLabels else { return nil }
    return .init(images: testImages, labels: testLabels)
  }
}

/// Files of images and labels one after another, and those of a test set, if any.
struct PairsOptions: ParsableArguments {
  @Option(
    parsing: .upToNextOption, help: ArgumentHelp("The file of images, or several.", valueName: "file")) var images:
    [String]
  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp("The file of labels, or as many as of images, in the same order.", valueName: "file"))
  var labels: [String]
  @OptionGroup var own: TestPairOptions

  func validate() throws {
    guard images.count == labels.count else {
      throw ValidationError(
        "\(images.count) files of images and \(labels.count) of labels; each file of images has its own labels")
    }
  }

  var train: [PreparationSource.Pair] { zip(images, labels).map { .init(images: $0, labels: $1) } }
  var test: PreparationSource.Pair? { own.pair }
}

extension Prepare {
  struct IDX: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "From IDX files, gzip or plain (MNIST's format).")
    @OptionGroup var files: PairOptions
    @OptionGroup var samples: SampleOptions
    @OptionGroup var options: PreparationOptions

    func run() throws { try options.prepare(.idx(train: files.train, test: files.test, samples.reading)) }
  }

  struct CSV: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "From a CSV file, gzip or plain: one image per row.",
      discussion: """
        Each sample has a column, or all samples of an image are in one, parted by spaces. A column called split, set or \
        usage tells the split of each row.
        """)
    @Argument(help: "The file.") var file: String
    @Option(help: ArgumentHelp("The source's own test set.", valueName: "file")) var testFile: String?
    @Option(help: ArgumentHelp("The column of the label: first, last or its name in the header.", valueName: "column"))
    var label: LabelColumn
    @OptionGroup var array: ArrayOptions
    @OptionGroup var text: TextOptions
    @OptionGroup var options: PreparationOptions

    func run() throws {
      try options.prepare(.csv(train: file, test: testFile, label: label, array.reading, text: text.reading))
    }
  }

  struct NPY: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "From arrays of NumPy files: .npy, .npz, or pickles.",
      discussion: """
        Of a file with several arrays one is named after a colon, as data.npz:x_train, or data_batch_1:data of CIFAR-10. \
        Names inside of dictionaries and lists are joined with dots. Nothing in a pickle is executed.

        Several files of images, each with its file of labels, are read one after another: in a shell, CIFAR-10's batches are \
        --images data_batch_{1..5}:data --labels data_batch_{1..5}:labels.
        """)
    @OptionGroup var files: PairsOptions
    @OptionGroup var array: ArrayOptions
    @OptionGroup var options: PreparationOptions

    func run() throws {
      try options.prepare(
        .npy(train: files.train[0], more: Array(files.train.dropFirst()), test: files.test, array.reading))
    }
  }

  struct Folder: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "From image files in one folder per class, optionally under train/, val/ and test/.",
      discussion: """
        Files are JPEG, PNG, WebP, TIFF, BMP or GIF, recognized by their content. Folders called train or training, val, valid or \
        validation, and test or testing are taken as the splits. Everything that is passed over is counted by kind.
        """)
    @Argument(help: "The folder.") var folder: String
    @Flag(help: "Read subfolders of a class as part of it.") var nested = false
    @Flag(help: "Fail if anything in the folder is passed over.") var strict = false
    @OptionGroup var options: PreparationOptions

    func run() throws { try options.prepare(.folder(folder, FolderReading(isNested: nested, isStrict: strict))) }
  }

  struct CSVFiles: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "csv-files", abstract: "From a CSV file that lists image files with their labels.",
      discussion: """
        Columns are file, label and, if there are splits, split; or they are found by their usual names in a header line \
        (such as filename, class, set), others ignored. Splits are train, validation (val) and test.
        """)
    @Argument(help: "The CSV file.") var table: String
    @Option(help: ArgumentHelp("The folder that paths start from (default: the CSV file's own).", valueName: "folder"))
    var images: String?
    @Option(help: ArgumentHelp("The column of the files.", valueName: "name")) var fileColumn: String?
    @Option(help: ArgumentHelp("The column of the labels.", valueName: "name")) var labelColumn: String?
    @Option(help: ArgumentHelp("The column of the splits.", valueName: "name")) var splitColumn: String?
    @Flag(help: "Leave out files that are missing, and count them.") var skipMissing = false
    @OptionGroup var text: EncodingOptions
    @OptionGroup var options: PreparationOptions

    func run() throws {
      var source = FileTable(path: table, images: images)
      (source.fileColumn, source.labelColumn, source.splitColumn) = (fileColumn, labelColumn, splitColumn)
      (source.skipsMissing, source.text) = (skipMissing, text.reading)
      try options.prepare(.files(source))
    }
  }

  struct HDF5: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "hdf5", abstract: "From two arrays of an HDF5 file.",
      discussion: "MATLAB's files of format 7.3 are such files: axes, texts and labels are read as MATLAB shows them.")
    @Argument(help: "The file.") var file: String
    @Option(help: "The array of images.") var images = "/images"
    @Option(help: "The array of labels.") var labels = "/labels"
    @OptionGroup var array: ArrayOptions
    @OptionGroup var options: PreparationOptions
    @OptionGroup var trust: Trust

    func run() throws {
      try requireInput(file)
      try trust.examine([file])
      try options.prepare(.hdf5(path: file, images: images, labels: labels, array.reading))
    }
  }

  struct Raw: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "From raw bytes inside other files, gzip or plain.",
      discussion: """
        Images are unsigned bytes, labels 64-bit integers. A position is an offset in bytes, or 'after:' and the \
        hexadecimal bytes right before it.
        """)
    @Option(help: "The file of images.") var images: String
    @Option(help: "Where the images begin.") var imagesAt: RawPlace
    @Option(help: "The file of labels.") var labels: String
    @Option(help: "Where the labels begin.") var labelsAt: RawPlace
    @Option(help: "The number of images.") var count: Int
    @Option(help: ArgumentHelp("The extents of an image.", valueName: "HxWxC")) var layout: ImageLayout
    @OptionGroup var samples: SampleOptions
    @OptionGroup var options: PreparationOptions

    func run() throws {
      try options.prepare(
        .raw(
          images: RawBuffer(path: images, start: imagesAt.start),
          labels: RawBuffer(path: labels, start: labelsAt.start),
          count: count, layout: layout, samples.reading))
    }
  }
}

/// Where bytes begin: `1234` or `after:4200a17700`.
struct RawPlace: ExpressibleByArgument {
  let start: RawBuffer.Start

  init?(argument: String) {
    if let offset = Int(argument), offset >= 0 {
      start = .offset(offset)
      return
    }
    let digits = Array(argument.dropFirst("after:".count))
    guard argument.hasPrefix("after:"), !digits.isEmpty, digits.count.isMultiple(of: 2) else { return nil }
    let bytes = stride(from: 0, to: digits.count, by: 2).compactMap { UInt8(String(digits[$0...$0 + 1]), radix: 16) }
    guard bytes.count == digits.count / 2 else { return nil }
    start = .after(bytes)
  }
}
