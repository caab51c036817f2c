import CKernels
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
  package func apply(_ gradient: Tensor, to parameter: inout Tensor, velocity: inout Tensor) {
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
