import CKernels
package import Tensors

/// Batch normalisation over all rows of `[rows, channels]`, each channel by itself (Ioffe, Szegedy 2015).
///
/// y = scale·(x − mean) / √(variance + ε) + offset
package enum Normalisation {
  /// Mean and biased variance of each channel, shape `[channels]`.
  package struct Statistics: Sendable {
    package let mean: Tensor
    package let variance: Tensor

    package init(mean: Tensor, variance: Tensor) {
      self.mean = mean
      self.variance = variance
    }

    /// 1 / √(variance + ε).
    func inverseDeviation(epsilon: Float) -> [Float] {
      variance.values.map { 1 / ($0 + epsilon).squareRoot() }
    }
  }

  /// Statistics of a batch in two passes, so that a large mean costs no digits of the variance.
  package static func statistics(of x: Tensor) -> Statistics {
    let (rows, channels) = (x.shape[0], x.shape[1])
    precondition(rows > 0, "Normalisation: no rows in \(x.shape)")
    return x.withUnsafePointer { x in
      let sums = Tiling.rowSums(rows: rows, channels: channels, outputs: channels) { range, partial in
        kernel_column_sums(x + range.lowerBound * channels, Int64(range.count), Int64(channels), partial)
      }
      let mean = sums.map { Float($0 / Double(rows)) }
      let squares = mean.withUnsafeBufferPointer { mean in
        let mean = mean.baseAddress!
        return Tiling.rowSums(rows: rows, channels: channels, outputs: channels) { range, partial in
          kernel_centred_squares(x + range.lowerBound * channels, mean, Int64(range.count), Int64(channels), partial)
        }
      }
      return Statistics(mean: Tensor(mean), variance: Tensor(squares.map { Float($0 / Double(rows)) }))
    }
  }

  /// The normalised rows under given statistics.
  package static func apply(
    _ x: Tensor, _ statistics: Statistics, scale: Tensor, offset: Tensor, epsilon: Float
  ) -> Tensor {
    let inverse = statistics.inverseDeviation(epsilon: epsilon)
    let a = zip(scale.values, inverse).map { $0 * $1 }
    let b = zip(offset.values, zip(statistics.mean.values, a)).map { $0 - $1.0 * $1.1 }
    var result = Tensor(uninitialized: x.shape)
    let (rows, channels) = (x.shape[0], x.shape[1])
    x.withUnsafePointer { x in
      result.withUnsafeMutablePointer { y in
        a.withUnsafeBufferPointer { a in
          b.withUnsafeBufferPointer { b in
            let (a, b) = (a.baseAddress!, b.baseAddress!)
            Tiling.ranges(of: rows, each: Tiling.rows(ofChannels: channels)) { range in
              let first = range.lowerBound * channels
              kernel_affine(x + first, a, b, y + first, Int64(range.count), Int64(channels))
            }
          }
        }
      }
    }
    return result
  }

  /// Gradients by scale and offset, shape `[channels]`: Σ dy·(x − mean)/deviation and Σ dy.
  package static func parameterGradients(
    _ x: Tensor, _ gradient: Tensor, _ statistics: Statistics, epsilon: Float
  ) -> (scale: Tensor, offset: Tensor) {
    let (rows, channels) = (x.shape[0], x.shape[1])
    let inverse = Tensor(statistics.inverseDeviation(epsilon: epsilon))
    let sums = x.withUnsafePointer { x in
      gradient.withUnsafePointer { dy in
        statistics.mean.withUnsafePointer { mean in
          inverse.withUnsafePointer { inverse in
            Tiling.rowSums(rows: rows, channels: channels, outputs: 2 * channels) { range, partial in
              let first = range.lowerBound * channels
              kernel_normalisation_sums(
                x + first, dy + first, mean, inverse, Int64(range.count), Int64(channels), partial, partial + channels)
            }
          }
        }
      }
    }
    return (
      scale: Tensor(sums[channels...].map { Float($0) }), offset: Tensor(sums[..<channels].map { Float($0) })
    )
  }

  /// The gradient by the input when the statistics are those of the batch itself.
  ///
  /// dx = scale/deviation·(dy − Σdy/rows − x̂·Σ(dy·x̂)/rows), with the sums that `parameterGradients` gives.
  package static func inputGradient(
    _ x: Tensor, _ gradient: Tensor, _ statistics: Statistics, scale: Tensor, epsilon: Float,
    sums: (scale: Tensor, offset: Tensor)
  ) -> Tensor {
    let rows = Float(x.shape[0])
    let inverse = statistics.inverseDeviation(epsilon: epsilon)
    let mean = statistics.mean.values
    let a = zip(scale.values, inverse).map { $0 * $1 }
    let b = a.indices.map { -a[$0] * inverse[$0] * sums.scale[$0] / rows }
    let d = a.indices.map { -a[$0] * sums.offset[$0] / rows - b[$0] * mean[$0] }
    return combine(gradient, a, x, b, d)
  }

  /// The gradient by the input when the statistics are constants: scale/deviation·dy.
  package static func inputGradient(
    frozen gradient: Tensor, _ statistics: Statistics, scale: Tensor, epsilon: Float
  ) -> Tensor {
    let a = zip(scale.values, statistics.inverseDeviation(epsilon: epsilon)).map { $0 * $1 }
    let zero = [Float](repeating: 0, count: a.count)
    return combine(gradient, a, gradient, zero, zero)
  }

  /// a·dy + b·x + d, channel by channel.
  private static func combine(_ dy: Tensor, _ a: [Float], _ x: Tensor, _ b: [Float], _ d: [Float]) -> Tensor {
    let (rows, channels) = (dy.shape[0], dy.shape[1])
    let (a, b, d) = (Tensor(a), Tensor(b), Tensor(d))
    var result = Tensor(uninitialized: dy.shape)
    dy.withUnsafePointer { dy in
      x.withUnsafePointer { x in
        a.withUnsafePointer { a in
          b.withUnsafePointer { b in
            d.withUnsafePointer { d in
              result.withUnsafeMutablePointer { dx in
                Tiling.ranges(of: rows, each: Tiling.rows(ofChannels: channels)) { range in
                  let first = range.lowerBound * channels
                  kernel_affine_two(dy + first, x + first, a, b, d, dx + first, Int64(range.count), Int64(channels))
                }
              }
            }
          }
        }
      }
    }
    return result
  }
}
