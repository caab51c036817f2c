package import Tensors

/// Boxes of several sizes and ratios around every position of a map (Ren et al., Faster R-CNN, 2015).
///
/// Sizes and rounding are those of torchvision's `AnchorGenerator`: an anchor of scale s and ratio r = height / width is
/// s / √r wide and s·√r high, its half sides are rounded to even, and it is centered on the position's first pixel. (The
/// rounding of py-faster-rcnn differs by some pixels.) The order is position after position in rows, then ratio, then scale.
package struct Anchors: Sendable, Equatable {
  /// The boxes around position 0, ratio after ratio with each scale.
  package let base: Boxes

  /// Anchors of each scale, the square root of its area in pixels, with each ratio of height to width.
  package init(scales: [Double], ratios: [Double]) {
    precondition(
      !scales.isEmpty && !ratios.isEmpty && (scales + ratios).allSatisfy { $0 > 0 },
      "Anchors: scales \(scales), ratios \(ratios)")
    base = Boxes(
      edges: ratios.flatMap { ratio in
        scales.flatMap { scale in
          let root = Float(ratio).squareRoot()
          let (halfWidth, halfHeight) = (Float(scale) * (1 / root) / 2, Float(scale) * root / 2)
          return [-halfWidth, -halfHeight, halfWidth, halfHeight].map { $0.rounded(.toNearestOrEven) }
        }
      })
  }

  /// Anchors per position.
  package var count: Int { base.count }

  /// The anchors of every position of a map, `positions · count` boxes; they may reach beyond the image.
  ///
  /// - Parameter stride: pixels from one position to the next.
  package func boxes(of map: Extent, stride: Int) -> Boxes {
    var edges: [Float] = []
    edges.reserveCapacity(4 * count * map.area)
    for row in 0..<map.height {
      for column in 0..<map.width {
        let (x, y) = (Float(column * stride), Float(row * stride))
        for index in base.indices {
          edges.append(base.left(index) + x)
          edges.append(base.top(index) + y)
          edges.append(base.right(index) + x)
          edges.append(base.bottom(index) + y)
        }
      }
    }
    return Boxes(edges: edges)
  }

  /// A dense grid of boxes over an image, clipped to it: proposals where there are no others.
  ///
  /// - Parameters:
  ///   - stride: pixels from one center to the next; the first lies half of it from the corner.
  ///   - size: the least width and height of a box in pixels.
  package func grid(over image: Extent, stride: Int, atLeast size: Float) -> Boxes {
    let map = Extent(height: (image.height + stride - 1) / stride, width: (image.width + stride - 1) / stride)
    let half = Float(stride) / 2
    let all = Boxes(edges: boxes(of: map, stride: stride).edges.map { $0 + half }).clipped(to: image)
    return all.selected(all.indices(atLeast: size))
  }
}
