import CKernels
package import Tensors

/// Elementwise kernels and reductions over all elements, for tensors of any shape.
package enum Elementwise {
  /// x = max(x, 0), and no more than `maximum`, in place; NaN stays NaN.
  package static func relu(_ x: inout Tensor, maximum: Float? = nil) {
    makeUnique(&x)
    let count = x.count
    x.withUnsafeMutablePointer { x in
      Tiling.ranges(of: count) { range in
        kernel_relu(x + range.lowerBound, Int64(range.count))
        if let maximum { kernel_limit(x + range.lowerBound, maximum, Int64(range.count)) }
      }
    }
  }

  /// Turns the gradient with respect to ReLU's output `y` into that with respect to its input, in place.
  package static func reluGradient(output y: Tensor, _ gradient: inout Tensor, maximum: Float? = nil) {
    makeUnique(&gradient)
    let count = gradient.count
    y.withUnsafePointer { y in
      gradient.withUnsafeMutablePointer { dy in
        Tiling.ranges(of: count) { range in
          kernel_relu_gradient(y + range.lowerBound, dy + range.lowerBound, Int64(range.count))
          if let maximum {
            kernel_limit_gradient(y + range.lowerBound, maximum, dy + range.lowerBound, Int64(range.count))
          }
        }
      }
    }
  }

  /// Zeroes each element with probability `rate` and scales the others by 1 / (1 − rate) (inverted dropout).
  ///
  /// The mask is a function of `seed` and the element's index: the same call on the gradient is the backward pass.
  package static func dropout(_ x: Tensor, rate: Float, seed: UInt64) -> Tensor {
    let threshold = UInt32((rate * 0x1p24).rounded())
    let scale = 1 / (1 - rate)
    let count = x.count
    var result = Tensor(uninitialized: x.shape)
    x.withUnsafePointer { x in
      result.withUnsafeMutablePointer { y in
        Tiling.ranges(of: count) { range in
          kernel_dropout(
            x + range.lowerBound, y + range.lowerBound, Int64(range.count), seed, Int64(range.lowerBound), threshold,
            scale)
        }
      }
    }
    return result
  }

  /// target += factor · addend, for equal counts.
  package static func add(_ addend: Tensor, times factor: Float = 1, to target: inout Tensor) {
    precondition(addend.count == target.count, "add: shapes \(addend.shape) and \(target.shape)")
    let count = addend.count
    addend.withUnsafePointer { x in
      target.withUnsafeMutablePointer { y in
        Tiling.ranges(of: count) { range in
          kernel_add_scaled(factor, x + range.lowerBound, y + range.lowerBound, Int64(range.count))
        }
      }
    }
  }

  /// factor · x, of the shape of `x`.
  package static func scale(_ x: Tensor, by factor: Float) -> Tensor {
    map(x) { x, y, count in kernel_scale(factor, x, y, count) }
  }

  /// Σ x², in double and in a fixed order.
  package static func sumOfSquares(_ x: Tensor) -> Double {
    let size = Tiling.elements
    let tiles = (x.count + size - 1) / size
    var partials = [Double](repeating: 0, count: tiles)
    x.withUnsafePointer { base in
      partials.withUnsafeMutableBufferPointer { partials in
        let partials = partials.baseAddress!
        ThreadPool.current.parallel(tiles) { tile in
          let first = tile * size
          partials[tile] = kernel_sum_of_squares(base + first, Int64(min(size, x.count - first)))
        }
      }
    }
    return partials.reduce(0, +)
  }

  /// Whether no element is NaN or infinite.
  package static func isFinite(_ x: Tensor) -> Bool {
    let size = Tiling.elements
    let tiles = (x.count + size - 1) / size
    var results = [Bool](repeating: true, count: tiles)
    x.withUnsafePointer { base in
      results.withUnsafeMutableBufferPointer { results in
        guard let results = results.baseAddress else { return }
        ThreadPool.current.parallel(tiles) { tile in
          results[tile] = kernel_is_finite(base + tile * size, Int64(min(size, x.count - tile * size)))
        }
      }
    }
    return results.allSatisfy { $0 }
  }

  /// Whether no element is NaN or infinite; runs on the calling thread.
  package static func isFinite(_ x: Span<Float>) -> Bool {
    x.withUnsafeBufferPointer { x in x.baseAddress.map { kernel_is_finite($0, Int64(x.count)) } ?? true }
  }

  /// A tensor of zeros, written on all threads, since the system provides new memory page by page.
  package static func zeros(_ shape: [Int]) -> Tensor {
    var result = Tensor(uninitialized: shape)
    let count = result.count
    result.withUnsafeMutablePointer { base in
      Tiling.ranges(of: count, each: 1 << 20) { (base + $0.lowerBound).update(repeating: 0, count: $0.count) }
    }
    return result
  }

  /// y = x, for equal shapes; runs on all threads.
  package static func copy(_ x: Tensor, into y: inout Tensor) {
    precondition(x.shape == y.shape, "copy: \(x.shape) into \(y.shape)")
    let count = x.count
    x.withUnsafePointer { x in
      y.withUnsafeMutablePointer { y in
        Tiling.ranges(of: count) { range in
          (y + range.lowerBound).update(from: x + range.lowerBound, count: range.count)
        }
      }
    }
  }

  /// Copies a tensor that shares its storage, on all threads, so that it can be changed in place.
  static func makeUnique(_ x: inout Tensor) {
    guard !x.isUniquelyReferenced() else { return }
    var own = Tensor(uninitialized: x.shape)
    copy(x, into: &own)
    x = own
  }

  private static func map(
    _ x: Tensor, _ kernel: (UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int64) -> Void
  ) -> Tensor {
    let count = x.count
    var result = Tensor(uninitialized: x.shape)
    x.withUnsafePointer { x in
      result.withUnsafeMutablePointer { y in
        Tiling.ranges(of: count) { range in
          kernel(x + range.lowerBound, y + range.lowerBound, Int64(range.count))
        }
      }
    }
    return result
  }
}
