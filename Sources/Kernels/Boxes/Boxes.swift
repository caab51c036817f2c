package import Tensors

/// A list of boxes by their edges in image pixels: left, top, right, bottom.
///
/// Edges are continuous, as in torchvision and COCO: a box is right − left wide, and an image of W pixels reaches from 0 to
/// W. A `Box` names its last pixel instead, as in VOC and Caffe's ROIPool; its right and bottom edges lie one pixel further.
package struct Boxes: Sendable, Equatable {
  /// Left, top, right and bottom of each box, box after box.
  package private(set) var edges: [Float]

  /// Boxes by their edges; traps unless these are four for each box.
  package init(edges: [Float] = []) {
    precondition(edges.count.isMultiple(of: 4), "Boxes: \(edges.count) edges, expected four for each box")
    self.edges = edges
  }

  /// Boxes by their first and last pixels.
  package init(_ boxes: some Sequence<Box>) {
    edges = boxes.flatMap { [$0.x1, $0.y1, $0.x2 + 1, $0.y2 + 1] }
  }

  /// The number of boxes.
  package var count: Int { edges.count / 4 }
  /// Whether there are no boxes.
  package var isEmpty: Bool { edges.isEmpty }
  /// The index of each box.
  package var indices: Range<Int> { 0..<count }

  /// The left edge of a box.
  package func left(_ index: Int) -> Float { edges[4 * index] }
  /// The top edge of a box.
  package func top(_ index: Int) -> Float { edges[4 * index + 1] }
  /// The right edge of a box.
  package func right(_ index: Int) -> Float { edges[4 * index + 2] }
  /// The bottom edge of a box.
  package func bottom(_ index: Int) -> Float { edges[4 * index + 3] }
  /// Right minus left; negative for an inverted box.
  package func width(_ index: Int) -> Float { right(index) - left(index) }
  /// Bottom minus top; negative for an inverted box.
  package func height(_ index: Int) -> Float { bottom(index) - top(index) }
  /// Width times height.
  package func area(_ index: Int) -> Float { width(index) * height(index) }

  /// A box by its first and last pixel.
  package subscript(index: Int) -> Box {
    Box(x1: left(index), y1: top(index), x2: right(index) - 1, y2: bottom(index) - 1)
  }

  /// Some of the boxes, in the order of their indices.
  package func selected(_ indices: some Sequence<Int>) -> Boxes {
    Boxes(edges: indices.flatMap { edges[4 * $0..<4 * $0 + 4] })
  }

  /// Appends boxes.
  package mutating func append(_ other: Boxes) { edges += other.edges }

  /// The boxes with every edge moved into an image: x into 0 … width, y into 0 … height.
  package func clipped(to image: Extent) -> Boxes {
    let (width, height) = (Float(image.width), Float(image.height))
    var result = self
    for index in result.edges.indices {
      result.edges[index] = min(max(result.edges[index], 0), index.isMultiple(of: 2) ? width : height)
    }
    return result
  }

  /// The indices of boxes that are at least `size` wide and high and have no edge that is not finite.
  package func indices(atLeast size: Float) -> [Int] {
    indices.filter { width($0) >= size && height($0) >= size && width($0).isFinite && height($0).isFinite }
  }

  /// Left, top, right, bottom and area of some boxes, one plane after another, for the kernels.
  func planes(_ order: [Int]) -> [Float] {
    var planes = [Float](repeating: 0, count: 5 * order.count)
    for (place, index) in order.enumerated() {
      for side in 0..<4 { planes[side * order.count + place] = edges[4 * index + side] }
      planes[4 * order.count + place] = area(index)
    }
    return planes
  }
}
