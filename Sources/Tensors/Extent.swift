/// Height and width of an image in pixels, or of a feature map in positions.
package struct Extent: Sendable, Hashable {
  /// Rows.
  package var height: Int
  /// Columns.
  package var width: Int

  /// A rectangle.
  package init(height: Int, width: Int) { (self.height, self.width) = (height, width) }

  /// A square.
  package init(side: Int) { (height, width) = (side, side) }

  /// Height times width.
  package var area: Int { height * width }
}
