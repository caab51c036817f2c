import CKernels
package import Tensors

/// One step of stochastic gradient descent with momentum on one parameter.
///
/// With g' = g + weightDecay·w:
/// - torch: v = momentum·v + (1 − dampening)·g' (at the first step v = g'), w −= learningRate·v; Nesterov:
///   w −= learningRate·(g' + momentum·v).
/// - Caffe: v' = momentum·v + learningRate·g', w −= v'; Nesterov: w −= (1 + momentum)·v' − momentum·v.
package struct MomentumUpdate: Sendable, Equatable {
  package var learningRate: Float
  package var weightDecay: Float
  package var momentum: Float
  /// 1 − dampening; torch's convention alone.
  package var damping: Float
  package var isCaffe: Bool
  package var isNesterov: Bool

  package init(
    learningRate: Float, weightDecay: Float, momentum: Float, damping: Float, isCaffe: Bool, isNesterov: Bool
  ) {
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.momentum = momentum
    self.damping = damping
    self.isCaffe = isCaffe
    self.isNesterov = isNesterov
  }

  /// Changes the parameter and its velocity in place.
  package func apply(_ gradient: Gradient, to parameter: inout Tensor, velocity: inout Tensor) {
    let rule = kernel_momentum(
      decay: weightDecay, momentum: momentum, damping: damping, rate: learningRate, caffe: isCaffe ? 1 : 0,
      nesterov: isNesterov ? 1 : 0)
    FusedUpdate(rule).apply(gradient, to: &parameter, &velocity)
  }
}
