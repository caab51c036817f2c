import ArgumentParser
import Datasets

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
