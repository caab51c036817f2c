/// Corners in image pixels; the second one is inclusive.
package struct Box: Sendable, Equatable {
  /// Left.
  package var x1: Float
  /// Top.
  package var y1: Float
  /// Right.
  package var x2: Float
  /// Bottom.
  package var y2: Float

  /// A box by its left, top, right and bottom.
  package init(x1: Float, y1: Float, x2: Float, y2: Float) {
    (self.x1, self.y1, self.x2, self.y2) = (x1, y1, x2, y2)
  }
}
