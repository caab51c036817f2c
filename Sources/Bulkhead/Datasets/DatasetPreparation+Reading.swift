internal import Datasets

extension DatasetPreparation {
  /// How the numbers of an array or a table become images and labels; what is nil is told by types, ranges and extents, or
  /// refused where these do not tell.
  public struct SampleReading: Sendable, Equatable {
    /// The number that is black; 0 if nil.
    public var minimum: Double?
    /// The number that is white, such as 1, 255 or 65,535.
    public var maximum: Double?
    /// The extents of an image; needed for flat rows unless they are square gray images.
    public var layout: RowLayout?
    /// The order of axes by their letters, such as `NCHW`, `HWCN` or, of flat rows, `CHW`.
    public var axes: String?
    /// The label of the first class; 0 if nil, or 1 in MATLAB's arrays without a label of 0.
    public var firstLabel: Int?

    /// A reading that everything is told by the data.
    public init(
      minimum: Double? = nil, maximum: Double? = nil, layout: RowLayout? = nil, axes: String? = nil,
      firstLabel: Int? = nil
    ) {
      (self.minimum, self.maximum, self.layout) = (minimum, maximum, layout)
      (self.axes, self.firstLabel) = (axes, firstLabel)
    }

    var value: PreparationSource.ArrayReading {
      let order = axes.map { letters in
        guard let order = ArrayAxes(letters) else {
          preconditionFailure("DatasetPreparation: axes \(letters); expected N, H, W and C, each at most once")
        }
        return order
      }
      return .init(layout: layout?.value, axes: order, minimum: minimum, maximum: maximum, firstLabel: firstLabel)
    }
  }

  /// How text is read where its bytes do not tell beyond doubt.
  public struct TextReading: Sendable, Equatable {
    /// The encoding by its name, such as `windows-1252`; UTF-8, or what a byte order mark tells, if nil.
    public var encoding: String?
    /// What parts fields; nil takes what the first two lines tell.
    public var separator: Separator?
    /// Whether the first line is a header; it is one if it has no number if nil.
    public var hasHeader: Bool?

    /// What parts the fields of a line.
    public enum Separator: String, Sendable, CaseIterable {
      /// A comma.
      case comma = ","
      /// A semicolon.
      case semicolon = ";"
      /// A tab.
      case tab = "\t"
      /// Spaces, as many as there are.
      case space = " "
    }

    /// A reading that everything is told by the text.
    public init(encoding: String? = nil, separator: Separator? = nil, hasHeader: Bool? = nil) {
      (self.encoding, self.separator, self.hasHeader) = (encoding, separator, hasHeader)
    }

    var value: CSVReading {
      CSVReading(encoding: encoding, separator: separator?.rawValue.utf8.first, hasHeader: hasHeader)
    }
  }

  /// Which boxes of annotations are kept, and how they are read.
  public struct BoxReading: Sendable, Equatable {
    /// Whether boxes that are marked as crowds, difficult or to be ignored are kept, with their marks.
    public var keepsMarked: Bool
    /// Whether images without a box are kept, as background of a detector.
    public var keepsEmpty: Bool
    /// Whether boxes that are marked truncated (VOC) are kept.
    public var keepsTruncated: Bool
    /// Whether boxes that end before they begin, lie outside of their image, or are of an unknown image or category are left
    /// out and counted, instead of ending the preparation.
    public var skipsInvalid: Bool
    /// The unit of boxes; pixels if nil, unless none of their numbers is above 1: then it must be given.
    public var unit: Unit?
    /// Whether the four numbers of a CSV file without a header are x, y, width and height.
    public var hasSizes: Bool
    /// A folder with `train.txt`, `val.txt` and `test.txt`, the images of each split by name; nil splits anew.
    public var sets: String?
    /// How a CSV file is read.
    public var text: TextReading

    /// A unit of boxes.
    public enum Unit: String, Sendable, CaseIterable {
      /// Pixels.
      case pixels
      /// Parts of the image's width and height, 0 to 1.
      case fractions
    }

    /// A reading without marked boxes.
    public init(
      keepsMarked: Bool = false, keepsEmpty: Bool = false, keepsTruncated: Bool = true, skipsInvalid: Bool = false,
      unit: Unit? = nil, hasSizes: Bool = false, sets: String? = nil, text: TextReading = TextReading()
    ) {
      (self.keepsMarked, self.keepsEmpty, self.keepsTruncated) = (keepsMarked, keepsEmpty, keepsTruncated)
      (self.skipsInvalid, self.unit, self.hasSizes, self.sets, self.text) = (skipsInvalid, unit, hasSizes, sets, text)
    }

    var value: Datasets.BoxReading {
      .init(
        keepsMarked: keepsMarked, keepsEmpty: keepsEmpty, keepsTruncated: keepsTruncated, skipsInvalid: skipsInvalid,
        unit: unit.map { $0 == .pixels ? .pixels : .fractions }, hasSizes: hasSizes, sets: sets, csv: text.value)
    }
  }

  /// The column of the label in a row.
  public enum LabelPlace: Sendable, Equatable {
    /// The first column.
    case first
    /// The last column.
    case last
    /// The column of a name in the header.
    case named(String)

    var value: LabelColumn {
      switch self {
      case .first: .first
      case .last: .last
      case .named(let name): .named(name)
      }
    }
  }

  /// The extents of images whose values lie in flat rows, in the order height, width, channels.
  public struct RowLayout: Sendable, Equatable {
    let value: ImageLayout

    /// - Parameters:
    ///   - height: in pixels.
    ///   - width: in pixels.
    ///   - channels: 1 for gray, 3 for color.
    public init(height: Int, width: Int, channels: Int = 1) {
      value = ImageLayout(height: height, width: width, channels: channels)
    }
  }
}
