import CKernels
package import Tensors

/// Batch normalization of `[positions, channels]`, per channel, with given statistics (Ioffe, Szegedy 2015).
///
/// y = scale·(x − mean) / √(variance + ε) + offset, or max(y, 0) with a fused ReLU.
package struct BatchNormalization: Sendable {
  /// Mean and biased variance of each channel, shape `[channels]`.
  package struct Statistics: Sendable {
    /// `[channels]`.
    package let mean: Tensor
    /// Biased (divided by the number of positions), `[channels]`.
    package let variance: Tensor

    /// Statistics of a batch or running statistics.
    package init(mean: Tensor, variance: Tensor) {
      self.mean = mean
      self.variance = variance
    }
  }

  private let mean: Tensor
  /// 1 / √(variance + ε).
  private let inverse: Tensor
  /// y = slope·x + offset.
  private let slope: Tensor
  private let offset: Tensor
  /// Lower bound of y: 0 with ReLU, NaN for none.
  private let floor: Float

  /// Batch normalization with these statistics, scale `[channels]` and offset `[channels]`.
  ///
  /// - Parameter fusesReLU: applies ReLU to the result, bit-for-bit as a separate ReLU does.
  package init(
    _ statistics: Statistics, scale: Tensor, offset: Tensor, epsilon: Float, fusesReLU: Bool = false
  ) {
    mean = statistics.mean
    inverse = Tensor(statistics.variance.values.map { 1 / ($0 + epsilon).squareRoot() })
    slope = Tensor(zip(scale.values, inverse.values).map { $0 * $1 })
    self.offset = Tensor(zip(offset.values, zip(mean.values, slope.values)).map { $0 - $1.0 * $1.1 })
    floor = fusesReLU ? 0 : .nan
  }

  /// The mean and biased variance of a batch, in two passes: a large mean costs the variance no digits.
  ///
  /// Traps on one position: its variance is 0, and every output would be the offset.
  package static func statistics(of x: Tensor) -> Statistics {
    let (rows, channels) = (x.shape[0], x.shape[1])
    precondition(rows > 1, "BatchNormalization: \(rows) values per channel in \(x.shape), expected at least 2")
    return x.withUnsafePointer { x in
      let sums = Tiling.rowSums(rows: rows, channels: channels, outputs: channels) { range, partial in
        kernel_column_sums(x + range.lowerBound * channels, Int64(range.count), Int64(channels), partial)
      }
      let mean = Tensor(sums.map { Float($0 / Double(rows)) })
      let squares = mean.withUnsafePointer { mean in
        Tiling.rowSums(rows: rows, channels: channels, outputs: channels) { range, partial in
          kernel_centered_squares(x + range.lowerBound * channels, mean, Int64(range.count), Int64(channels), partial)
        }
      }
      return Statistics(mean: mean, variance: Tensor(squares.map { Float($0 / Double(rows)) }))
    }
  }

  /// y, of the shape of `x`.
  package func forward(_ x: Tensor) -> Tensor {
    var result = Tensor(uninitialized: x.shape)
    let (rows, channels) = (x.shape[0], x.shape[1])
    withPointers(x) { x, a, b in
      result.withUnsafeMutablePointer { y in
        Tiling.ranges(of: rows, each: Tiling.rows(ofChannels: channels)) { range in
          let first = range.lowerBound * channels
          kernel_affine(x + first, a, b, floor, y + first, Int64(range.count), Int64(channels))
        }
      }
    }
    return result
  }

  /// The gradients with respect to scale and offset, `[channels]`: Σ dy·x̂ and Σ dy, with x̂ = (x − mean)/σ.
  package func parameterGradients(_ x: Tensor, _ gradient: Tensor) -> (scale: Tensor, offset: Tensor) {
    let (rows, channels) = (x.shape[0], x.shape[1])
    let sums = withPointers(x) { x, a, b in
      gradient.withUnsafePointer { dy in
        mean.withUnsafePointer { mean in
          inverse.withUnsafePointer { inverse in
            Tiling.rowSums(rows: rows, channels: channels, outputs: 2 * channels) { range, partial in
              let first = range.lowerBound * channels
              kernel_normalization_sums(
                x + first, dy + first, a, b, floor, mean, inverse, Int64(range.count), Int64(channels), partial,
                partial + channels)
            }
          }
        }
      }
    }
    return (
      scale: Tensor(sums[channels...].map { Float($0) }), offset: Tensor(sums[..<channels].map { Float($0) })
    )
  }

  /// Turns the gradient with respect to the output into that with respect to the input, in place.
  ///
  /// With the batch's own statistics: dx = scale/σ·(dy − Σdy/n − x̂·Σ(dy·x̂)/n) for n positions. With constant (running)
  /// statistics: dx = scale/σ·dy.
  ///
  /// - Parameter sums: what `parameterGradients` returns, for the batch's own statistics; `nil` for constant ones.
  package func inputGradient(_ x: Tensor, _ gradient: inout Tensor, sums: (scale: Tensor, offset: Tensor)?) {
    let (rows, channels) = (x.shape[0], x.shape[1])
    Elementwise.makeUnique(&gradient)
    func apply(_ byInput: UnsafePointer<Float>?, _ shift: UnsafePointer<Float>?) {
      withPointers(x) { x, a, b in
        gradient.withUnsafeMutablePointer { dy in
          Tiling.ranges(of: rows, each: Tiling.rows(ofChannels: channels)) { range in
            let first = range.lowerBound * channels
            kernel_normalization_gradient(
              x + first, a, b, floor, byInput, shift, dy + first, Int64(range.count), Int64(channels))
          }
        }
      }
    }
    guard let sums else { return apply(nil, nil) }
    var (byInput, shift) = (Tensor(uninitialized: [channels]), Tensor(uninitialized: [channels]))
    for c in 0..<channels {
      byInput[c] = -slope[c] * inverse[c] * sums.scale[c] / Float(rows)
      shift[c] = -slope[c] * sums.offset[c] / Float(rows) - byInput[c] * mean[c]
    }
    byInput.withUnsafePointer { byInput in shift.withUnsafePointer { shift in apply(byInput, shift) } }
  }

  /// Calls `body` with pointers to x, the slope and the offset.
  private func withPointers<Result>(
    _ x: Tensor, _ body: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>) -> Result
  ) -> Result {
    x.withUnsafePointer { x in
      slope.withUnsafePointer { a in offset.withUnsafePointer { b in body(x, a, b) } }
    }
  }
}
