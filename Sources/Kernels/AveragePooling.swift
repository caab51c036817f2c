import CKernels
package import Tensors

/// Average pooling over windows of `size`² positions, `stride` apart, without padding.
///
/// Output extent: floor((extent − size) / stride) + 1, as in torch and Keras.
package struct AveragePooling: Sendable, Equatable {
  /// The side of the window, in positions.
  package let size: Int
  /// The distance of two windows, in positions.
  package let stride: Int

  /// Average pooling; traps unless both are positive.
  package init(size: Int, stride: Int) {
    precondition(size > 0 && stride > 0, "AveragePooling: size \(size), stride \(stride)")
    self.size = size
    self.stride = stride
  }

  /// The output extent of a map; 0 if the map is smaller than the window.
  package func output(of map: Extent) -> Extent {
    func extent(_ extent: Int) -> Int { extent < size ? 0 : (extent - size) / stride + 1 }
    return Extent(height: extent(map.height), width: extent(map.width))
  }

  /// The output extents of a batch.
  package func output(of extents: Extents) -> Extents { Extents(extents.maps.map { output(of: $0) }) }

  /// The mean of each window: `[positions, channels]` → `[output positions, channels]`.
  package func forward(_ x: Tensor, _ extents: Extents) -> Tensor {
    let channels = x.shape[1]
    let outputs = output(of: extents)
    var result = Tensor(zeros: [outputs.positionCount, channels])
    x.withUnsafePointer { x in
      result.withUnsafeMutablePointer { y in
        windows(extents, outputs) { input, output in
          kernel_add_scaled(share, x + input * channels, y + output * channels, Int64(channels))
        }
      }
    }
    return result
  }

  /// dx: each position sums 1 / size² of the gradient of every window that contains it.
  package func inputGradient(_ gradient: Tensor, _ extents: Extents) -> Tensor {
    let channels = gradient.shape[1]
    let outputs = output(of: extents)
    var result = Tensor(zeros: [extents.positionCount, channels])
    gradient.withUnsafePointer { dy in
      result.withUnsafeMutablePointer { dx in
        windows(extents, outputs) { input, output in
          kernel_add_scaled(share, dy + output * channels, dx + input * channels, Int64(channels))
        }
      }
    }
    return result
  }

  private var share: Float { 1 / Float(size * size) }

  /// Calls `body` for each position of each window: maps run in parallel, the order within a map is fixed.
  private func windows(_ extents: Extents, _ outputs: Extents, _ body: (_ input: Int, _ output: Int) -> Void) {
    ThreadPool.current.parallel(extents.count) { map in
      let (input, output) = (extents.maps[map], outputs.maps[map])
      for y in 0..<output.height {
        for x in 0..<output.width {
          for row in y * stride..<y * stride + size {
            for column in x * stride..<x * stride + size {
              body(extents.starts[map] + row * input.width + column, outputs.starts[map] + y * output.width + x)
            }
          }
        }
      }
    }
  }
}
