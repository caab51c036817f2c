import CKernels
package import Tensors

/// Local response normalization across channels (Krizhevsky et al. 2012, 3.3).
///
/// y = x · s^−β with s = k + α/n · Σ x², the sum over the n channels around each; α is divided by n as in Caffe's
/// `LRN` layer (across channels) and torch's `LocalResponseNorm`.
package struct LocalResponseNormalization: Sendable, Equatable {
  /// n, odd.
  package let size: Int
  /// α.
  package let alpha: Float
  /// β.
  package let beta: Float
  /// k.
  package let k: Float

  /// The normalization; traps unless the size is odd and k positive.
  package init(size: Int, alpha: Float, beta: Float, k: Float) {
    precondition(size > 0 && size % 2 == 1 && k > 0, "LocalResponseNormalization: size \(size), k \(k)")
    (self.size, self.alpha, self.beta, self.k) = (size, alpha, beta, k)
  }

  /// The normalized `x`, `[positions, channels]`.
  package func forward(_ x: Tensor) -> Tensor {
    apply(x, over: x) { x, _, y, rows, channels, scratch in
      kernel_response(x, y, rows, channels, Int64(size), alpha / Float(size), beta, k, scratch)
    }
  }

  /// dx = dy · s^−β − 2·α·β/n · x · Σ dy·y/s, the sum over the channels whose sums contain x; from the input.
  package func inputGradient(_ gradient: Tensor, input x: Tensor) -> Tensor {
    apply(x, over: gradient) { x, dy, dx, rows, channels, scratch in
      kernel_response_gradient(x, dy, dx, rows, channels, Int64(size), alpha / Float(size), beta, k, scratch)
    }
  }

  private func apply(
    _ x: Tensor, over other: Tensor,
    _ kernel: (
      UnsafePointer<Float>, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int64, Int64,
      UnsafeMutablePointer<Float>
    ) -> Void
  ) -> Tensor {
    precondition(
      x.shape.count == 2 && other.shape == x.shape, "LocalResponseNormalization: \(x.shape) and \(other.shape)")
    let (rows, channels) = (x.shape[0], x.shape[1])
    let tile = max(1, 16_384 / max(1, channels))
    var result = Tensor(uninitialized: x.shape)
    x.withUnsafePointer { x in
      other.withUnsafePointer { other in
        result.withUnsafeMutablePointer { result in
          ThreadPool.current.parallel((rows + tile - 1) / tile) { index in
            let offset = index * tile * channels
            withUnsafeTemporaryAllocation(of: Float.self, capacity: 3 * channels + 2 * size) { scratch in
              guard let scratch = scratch.baseAddress else { return }
              kernel(
                x + offset, other + offset, result + offset, Int64(min(tile, rows - index * tile)), Int64(channels),
                scratch)
            }
          }
        }
      }
    }
    return result
  }
}
