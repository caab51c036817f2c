import ArgumentParser
import Datasets

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
