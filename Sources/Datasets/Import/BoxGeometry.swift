internal import Support
import Tensors

/// The numbers of a box as an annotation writes them.
struct BoxGeometry: Sendable, Equatable {
  /// What the second corner means.
  enum Corner: Sendable, Equatable {
    /// The first pixel behind the box: left + width and top + height.
    case exclusive
    /// The last pixel of the box, pixels being counted from a number.
    case inclusive(from: Double)
  }

  let x1: Double
  let y1: Double
  let x2: Double
  let y2: Double
  let corner: Corner

  /// What makes it no box, in words behind "has"; `nil` if it is one. Boxes of zero area are no boxes.
  func problem(_ unit: BoxUnit) -> BoxProblem? {
    guard [x1, y1, x2, y2].allSatisfy({ $0.isFinite && abs($0) < 1e9 }) else { return .notFinite }
    if x2 < x1 || y2 < y1 { return .inverted }
    if unit == .fractions, [x1, y1].contains(where: { $0 < 0 }) || [x2, y2].contains(where: { $0 > 1 + 1e-6 }) {
      return .beyondFractions
    }
    let isOpen = unit == .fractions || corner == .exclusive
    return isOpen && (x1 == x2 || y1 == y2) ? .zeroArea : nil
  }

  /// The greatest of its numbers, and whether all are whole.
  var reach: (greatest: Double, isWhole: Bool) {
    let numbers = [x1, y1, x2, y2]
    return (numbers.max() ?? 0, numbers.allSatisfy { $0 == $0.rounded() })
  }

  /// The box in pixels that count from 0, its second corner being inclusive; sides are at least one pixel.
  /// - Parameter extent: of the image; fractions need it.
  func box(_ unit: BoxUnit, in extent: Extent?) -> Box {
    guard unit == .pixels else {
      let (width, height) = (Double(extent?.width ?? 1), Double(extent?.height ?? 1))
      return BoxGeometry(x1: x1 * width, y1: y1 * height, x2: x2 * width, y2: y2 * height, corner: .exclusive)
        .box(.pixels, in: nil)
    }
    switch corner {
    case .exclusive:
      return Box(x1: Float(x1), y1: Float(y1), x2: Float(max(x2 - 1, x1)), y2: Float(max(y2 - 1, y1)))
    case .inclusive(let first):
      return Box(x1: Float(x1 - first), y1: Float(y1 - first), x2: Float(x2 - first), y2: Float(y2 - first))
    }
  }
}

/// The unit of the numbers of boxes.
package enum BoxUnit: String, Sendable, CaseIterable {
  /// Pixels of the image.
  case pixels
  /// Parts of the image's width and height, 0 to 1.
  case fractions
}

/// Why an annotation is not used.
enum BoxProblem: String, Sendable, CaseIterable {
  case ignored = "are marked to be ignored"
  case crowd = "are marked as crowds"
  case difficult = "are marked difficult"
  case truncated = "are marked truncated"
  case zeroArea = "have no area"
  case inverted = "end before they begin"
  case notFinite = "are no four numbers"
  case beyondFractions = "reach beyond 0 to 1"
  case outside = "lie outside of their image"
  case noImage = "are of an unknown image"
  case noCategory = "are of an unknown category"

  /// The problem of one box, behind its name.
  var ofOne: String {
    switch self {
    case .ignored, .crowd, .difficult, .truncated: rawValue.replacingPrefix("are", with: "is")
    case .zeroArea: "has a box of zero area"
    case .inverted: "has a box that ends before it begins"
    case .notFinite: "has no box of four numbers"
    case .beyondFractions: "has a box beyond 0 to 1"
    case .outside: "lies outside of its image"
    case .noImage: "is of an unknown image"
    case .noCategory: "is of an unknown category"
    }
  }
}

extension RegionMark {
  /// Why a box with this mark is left out unless marked boxes are kept; `nil` for an object.
  var problem: BoxProblem? {
    switch self {
    case .object, .background: nil
    case .difficult: .difficult
    case .crowd: .crowd
    case .ignored: .ignored
    }
  }
}

extension String {
  fileprivate func replacingPrefix(_ prefix: String, with text: String) -> String {
    hasPrefix(prefix) ? text + dropFirst(prefix.count) : self
  }
}

/// How annotations of boxes are read.
package struct BoxReading: Sendable, Equatable {
  /// Whether boxes that are marked as crowds, difficult or to be ignored are kept, with their marks.
  package var keepsMarked: Bool
  /// Whether images without a box are kept, as background.
  package var keepsEmpty: Bool
  /// Whether boxes that are marked truncated (Pascal VOC) count.
  package var keepsTruncated: Bool
  /// Whether boxes that cannot be used are left out and counted, instead of ending the preparation.
  package var skipsInvalid: Bool
  /// The unit of boxes; pixels if `nil`, unless all boxes lie between 0 and 1.
  package var unit: BoxUnit?
  /// Whether the four numbers of a CSV file without a header are x, y, width and height.
  package var hasSizes: Bool
  /// A folder of lists of the images of each split, as Pascal VOC has them; `nil` splits anew.
  package var sets: String?
  /// How CSV text is read.
  package var csv: CSVReading

  /// How to read annotations; by default without marked boxes and with truncated ones.
  package init(
    keepsMarked: Bool = false, keepsEmpty: Bool = false, keepsTruncated: Bool = true, skipsInvalid: Bool = false,
    unit: BoxUnit? = nil, hasSizes: Bool = false, sets: String? = nil, csv: CSVReading = CSVReading()
  ) {
    (self.keepsMarked, self.keepsEmpty, self.keepsTruncated) = (keepsMarked, keepsEmpty, keepsTruncated)
    self.skipsInvalid = skipsInvalid
    (self.unit, self.hasSizes, self.sets, self.csv) = (unit, hasSizes, sets, csv)
  }
}
