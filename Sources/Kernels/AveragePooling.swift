import CKernels
package import Tensors

/// Average pooling over windows of `size`² positions, `stride` apart.
///
/// Zeros of the padding count as positions if `countIncludePad`, as in torch and Caffe; else the mean is that of the map's
/// own positions, as in Keras. What a last window covers beyond the padding never counts.
package struct AveragePooling: Sendable, Equatable {
  /// Size, stride, padding and rounding.
  package let window: SlidingWindow
  /// Whether positions of the padding count in the mean.
  package let countIncludePad: Bool

  /// Average pooling; traps unless size and stride are positive and no padding is above half the size.
  package init(size: Int, stride: Int, padding: Padding = 0, roundsUp: Bool = false, countIncludePad: Bool = true) {
    precondition(padding.sides.allSatisfy { 2 * $0 <= size }, "AveragePooling: size \(size), padding \(padding.sides)")
    window = SlidingWindow(kernel: Extent(side: size), stride: stride, padding: padding, roundsUp: roundsUp)
    self.countIncludePad = countIncludePad
  }

  /// The output extent of a map; 0 if the padded map is smaller than the window.
  package func output(of map: Extent) -> Extent { window.output(of: map) }

  /// The output extents of a batch; traps if a padded map is smaller than the window.
  package func output(of extents: Extents) -> Extents { window.output(of: extents) }

  /// The mean of each window: `[positions, channels]` → `[output positions, channels]`.
  package func forward(_ x: Tensor, _ extents: Extents) -> Tensor {
    let channels = x.shape[1]
    let outputs = output(of: extents)
    var result = Tensor(zeros: [outputs.positionCount, channels])
    x.withUnsafePointer { x in
      result.withUnsafeMutablePointer { y in
        windows(extents, outputs) { input, output, share in
          kernel_add_scaled(share, x + input * channels, y + output * channels, Int64(channels))
        }
      }
    }
    return result
  }

  /// dx: each position sums its share of the gradient of every window that contains it.
  package func inputGradient(_ gradient: Tensor, _ extents: Extents) -> Tensor {
    let channels = gradient.shape[1]
    let outputs = output(of: extents)
    var result = Tensor(zeros: [extents.positionCount, channels])
    gradient.withUnsafePointer { dy in
      result.withUnsafeMutablePointer { dx in
        windows(extents, outputs) { input, output, share in
          kernel_add_scaled(share, dy + output * channels, dx + input * channels, Int64(channels))
        }
      }
    }
    return result
  }

  /// The number of positions along one side of a window that count in its mean.
  private func counted(_ index: Int, _ span: Range<Int>, extent: Int, before: Int, after: Int) -> Int {
    guard countIncludePad else { return span.count }
    let start = index * window.stride - before
    return min(start + window.kernel.height, extent + after) - start
  }

  /// Calls `body` for each position of each window with its share in the mean: maps run in parallel, the order within a map
  /// is fixed.
  private func windows(
    _ extents: Extents, _ outputs: Extents, _ body: (_ input: Int, _ output: Int, _ share: Float) -> Void
  ) {
    ThreadPool.current.parallel(extents.count) { map in
      let input = extents.maps[map]
      let (rows, columns) = window.spans(over: input)
      var output = outputs.starts[map]
      for (y, rows) in rows.enumerated() {
        let height = counted(
          y, rows, extent: input.height, before: window.padding.top, after: window.padding.bottom)
        for (x, columns) in columns.enumerated() {
          let width = counted(
            x, columns, extent: input.width, before: window.padding.left, after: window.padding.right)
          let share = 1 / Float(height * width)
          for row in rows {
            for column in columns { body(extents.starts[map] + row * input.width + column, output, share) }
          }
          output += 1
        }
      }
    }
  }
}
