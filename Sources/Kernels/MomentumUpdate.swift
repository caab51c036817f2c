import CKernels
import COneDNN
package import Tensors

/// One step of stochastic gradient descent with momentum on one parameter.
///
/// With g' = g + decay·w:
/// - torch: v = momentum·v + (1 − dampening)·g' (at the first step v = g'), w −= rate·v; Nesterov: w −= rate·(g' + momentum·v).
/// - Caffe: v' = momentum·v + rate·g', w −= v'; Nesterov: w −= (1 + momentum)·v' − momentum·v.
package struct MomentumUpdate: Sendable, Equatable {
  package var rate: Float
  package var decay: Float
  package var momentum: Float
  /// 1 − dampening; torch's convention alone.
  package var damping: Float
  package var isCaffe: Bool
  package var isNesterov: Bool

  package init(rate: Float, decay: Float, momentum: Float, damping: Float, isCaffe: Bool, isNesterov: Bool) {
    self.rate = rate
    self.decay = decay
    self.momentum = momentum
    self.damping = damping
    self.isCaffe = isCaffe
    self.isNesterov = isNesterov
  }

  /// Changes the parameter and its velocity in place.
  package func apply(_ gradient: Gradient, to parameter: inout Tensor, velocity: inout Tensor) {
    switch gradient {
    case .whole(let gradient): apply(gradient, to: &parameter, velocity: &velocity)
    case .product(let input, let outputGradient):
      apply(productOf: input, outputGradient, to: &parameter, velocity: &velocity)
    }
  }

  /// The gradient inputᵀ·outputGradient is made tile by tile and used while it is in cache; it is never stored whole.
  private func apply(
    productOf input: Tensor, _ outputGradient: Tensor, to parameter: inout Tensor, velocity: inout Tensor
  ) {
    let (samples, inputs, outputs) = (input.shape[0], input.shape[1], outputGradient.shape[1])
    precondition(
      parameter.shape == [inputs, outputs] && velocity.shape == parameter.shape && outputGradient.shape[0] == samples,
      "MomentumUpdate: \(input.shape)ᵀ·\(outputGradient.shape), velocity \(velocity.shape) for parameter "
        + "\(parameter.shape)")
    // Whole rows, which lie in one piece; up to 2 MiB, more than which no longer makes the product faster.
    let rows = max(8, min(inputs / 8, (1 << 19) / max(outputs, 1)))
    input.withUnsafePointer { x in
      outputGradient.withUnsafePointer { d in
        parameter.withUnsafeMutablePointer { w in
          velocity.withUnsafeMutablePointer { v in
            Tiling.ranges(of: inputs, each: rows) { range in
              let (first, count) = (range.lowerBound * outputs, range.count * outputs)
              withUnsafeTemporaryAllocation(of: Float.self, capacity: count) { tile in
                guard let g = tile.baseAddress else { return }
                check(
                  onednn_multiply(
                    1, 0, Int64(range.count), Int64(outputs), Int64(samples), x + range.lowerBound, Int64(inputs), d,
                    Int64(outputs), 0, g, Int64(outputs)))
                kernel_momentum_update(
                  w + first, v + first, g, Int64(count), decay, momentum, damping, rate, isCaffe ? 1 : 0,
                  isNesterov ? 1 : 0)
              }
            }
          }
        }
      }
    }
  }

  /// The same with a gradient that is there as a tensor.
  private func apply(_ gradient: Tensor, to parameter: inout Tensor, velocity: inout Tensor) {
    let count = parameter.count
    precondition(
      gradient.count == count && velocity.count == count,
      "MomentumUpdate: gradient \(gradient.shape), velocity \(velocity.shape) for parameter \(parameter.shape)")
    gradient.withUnsafePointer { g in
      parameter.withUnsafeMutablePointer { w in
        velocity.withUnsafeMutablePointer { v in
          Tiling.ranges(of: count) { range in
            let first = range.lowerBound
            kernel_momentum_update(
              w + first, v + first, g + first, Int64(range.count), decay, momentum, damping, rate, isCaffe ? 1 : 0,
              isNesterov ? 1 : 0)
          }
        }
      }
    }
  }
}
