import CKernels
package import Tensors

/// Batch normalization over all rows of `[rows, channels]`, each channel by itself (Ioffe, Szegedy 2015), under given
/// statistics, and the ReLU after it if there is one:
///
/// y = scale·(x − mean) / √(variance + ε) + offset, or max(y, 0)
package struct Normalization: Sendable {
  /// Mean and biased variance of each channel, shape `[channels]`.
  package struct Statistics: Sendable {
    package let mean: Tensor
    package let variance: Tensor

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
  /// What y is at least; NaN for nothing.
  private let floor: Float

  /// - Parameter isRectified: whether ReLU follows; its numbers are those of ReLU by itself.
  package init(
    _ statistics: Statistics, scale: Tensor, offset: Tensor, epsilon: Float, isRectified: Bool = false
  ) {
    mean = statistics.mean
    inverse = Tensor(statistics.variance.values.map { 1 / ($0 + epsilon).squareRoot() })
    slope = Tensor(zip(scale.values, inverse.values).map { $0 * $1 })
    self.offset = Tensor(zip(offset.values, zip(mean.values, slope.values)).map { $0 - $1.0 * $1.1 })
    floor = isRectified ? 0 : .nan
  }

  /// Statistics of a batch in two passes, so that a large mean costs no digits of the variance.
  package static func statistics(of x: Tensor) -> Statistics {
    let (rows, channels) = (x.shape[0], x.shape[1])
    precondition(rows > 0, "Normalization: no rows in \(x.shape)")
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

  /// Gradients by scale and offset, shape `[channels]`: Σ dy·(x − mean)/deviation and Σ dy.
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

  /// Makes the gradient by the output that by the input.
  ///
  /// dx = scale/deviation·(dy − Σdy/rows − x̂·Σ(dy·x̂)/rows) where the statistics are those of the batch itself, with
  /// the sums that `parameterGradients` gives; dx = scale/deviation·dy where they are constants, without sums.
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

  /// Calls `body` with x and what made y of it.
  private func withPointers<Result>(
    _ x: Tensor, _ body: (UnsafePointer<Float>, UnsafePointer<Float>, UnsafePointer<Float>) -> Result
  ) -> Result {
    x.withUnsafePointer { x in
      slope.withUnsafePointer { a in offset.withUnsafePointer { b in body(x, a, b) } }
    }
  }
}
