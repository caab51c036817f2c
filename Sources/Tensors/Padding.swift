/// Positions around a map, on each of its four sides.
package struct Padding: Sendable, Equatable {
  /// Above the first row.
  package var top: Int
  /// Before the first column.
  package var left: Int
  /// Below the last row.
  package var bottom: Int
  /// After the last column.
  package var right: Int

  /// As many positions on every side.
  package init(_ all: Int) { self.init(top: all, left: all, bottom: all, right: all) }

  /// Positions on each side.
  package init(top: Int, left: Int, bottom: Int, right: Int) {
    (self.top, self.left, self.bottom, self.right) = (top, left, bottom, right)
  }

  /// The positions of both, side by side.
  package static func + (left: Padding, right: Padding) -> Padding {
    Padding(
      top: left.top + right.top, left: left.left + right.left, bottom: left.bottom + right.bottom,
      right: left.right + right.right)
  }

  /// The four sides in the order top, left, bottom, right, as in ONNX.
  package var sides: [Int] { [top, left, bottom, right] }
}

extension Padding: ExpressibleByIntegerLiteral {
  /// As many positions on every side.
  package init(integerLiteral all: Int) { self.init(all) }
}
