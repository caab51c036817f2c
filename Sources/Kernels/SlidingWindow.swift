package import Tensors

/// A window that slides over a padded map, as in convolution and pooling.
///
/// It covers dilation·(kernel − 1) + 1 positions. Without `roundsUp`, the output extent is
/// floor((extent + padding − covered) / stride) + 1. With it, ceil takes the place of floor, and a last window that would start
/// beyond the map and the padding before it is left out, as in Caffe and torch.
package struct SlidingWindow: Sendable, Equatable {
  /// Height and width of the kernel, in positions.
  package let kernel: Extent
  /// The distance of two windows, in positions.
  package let stride: Int
  /// Positions around the map.
  package let padding: Padding
  /// The distance of two positions of the kernel.
  package let dilation: Int
  /// Whether the last window may reach beyond the padded map.
  package let roundsUp: Bool

  /// A window; traps unless kernel, stride and dilation are positive and no padding is negative.
  package init(kernel: Extent, stride: Int = 1, padding: Padding = 0, dilation: Int = 1, roundsUp: Bool = false) {
    precondition(
      kernel.height > 0 && kernel.width > 0 && stride > 0 && dilation > 0 && padding.sides.allSatisfy { $0 >= 0 },
      "SlidingWindow: kernel \(kernel), stride \(stride), padding \(padding.sides), dilation \(dilation)")
    (self.kernel, self.stride, self.padding, self.dilation) = (kernel, stride, padding, dilation)
    self.roundsUp = roundsUp
  }

  /// The positions that the window covers.
  package var covered: Extent {
    Extent(height: dilation * (kernel.height - 1) + 1, width: dilation * (kernel.width - 1) + 1)
  }

  /// The output extent of a map; a side is 0 if the padded map is smaller than the window.
  package func output(of map: Extent) -> Extent {
    func count(_ extent: Int, _ before: Int, _ after: Int, _ covered: Int) -> Int {
      let free = extent + before + after - covered
      guard free >= 0 else { return 0 }
      guard roundsUp else { return free / stride + 1 }
      let count = (free + stride - 1) / stride + 1
      return (count - 1) * stride >= extent + before ? count - 1 : count
    }
    return Extent(
      height: count(map.height, padding.top, padding.bottom, covered.height),
      width: count(map.width, padding.left, padding.right, covered.width))
  }

  /// The output extents of a batch; traps if a padded map is smaller than the window.
  package func output(of extents: Extents) -> Extents {
    Extents(
      extents.maps.map { map in
        let result = output(of: map)
        precondition(result.area > 0, "a map of \(map) is smaller than the window \(self)")
        return result
      })
  }

  /// The rows and columns of a map that the windows of each output row and column cover; for windows without dilation.
  func spans(over map: Extent) -> (rows: [Range<Int>], columns: [Range<Int>]) {
    let output = output(of: map)
    func spans(_ count: Int, _ extent: Int, _ before: Int, _ kernel: Int) -> [Range<Int>] {
      (0..<count).map { index in
        let start = index * stride - before
        return max(0, start)..<max(0, min(extent, start + kernel))
      }
    }
    return (
      spans(output.height, map.height, padding.top, kernel.height),
      spans(output.width, map.width, padding.left, kernel.width)
    )
  }
}
