import CKernels
package import Tensors

/// One step of stochastic gradient descent (SGD) with momentum on one parameter.
///
/// With g' = g + weightDecay·w:
/// - torch: v = momentum·v + (1 − dampening)·g' (at the first step v = g'), w −= learningRate·v; Nesterov:
///   w −= learningRate·(g' + momentum·v).
/// - Caffe: v' = momentum·v + learningRate·g', w −= v'; Nesterov: w −= (1 + momentum)·v' − momentum·v.
package struct MomentumUpdate: Sendable, Equatable {
  /// Of this step.
  package var learningRate: Float
  /// L2 penalty: added to the gradient as weightDecay·w.
  package var weightDecay: Float
  /// The share of the velocity that is kept.
  package var momentum: Float
  /// 1 − dampening, the factor of g' in torch's velocity (1 at the first step); Caffe's convention ignores it.
  package var gradientScale: Float
  /// Caffe's convention rather than torch's.
  package var isCaffe: Bool
  /// Nesterov momentum.
  package var isNesterov: Bool

  /// The rule of one step.
  package init(
    learningRate: Float, weightDecay: Float, momentum: Float, gradientScale: Float, isCaffe: Bool, isNesterov: Bool
  ) {
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.momentum = momentum
    self.gradientScale = gradientScale
    self.isCaffe = isCaffe
    self.isNesterov = isNesterov
  }

  /// Updates the parameter and its velocity in place; both have one shape.
  package func apply(_ gradient: Gradient, to parameter: inout Tensor, velocity: inout Tensor) {
    let rule = kernel_momentum(
      weight_decay: weightDecay, momentum: momentum, gradient_scale: gradientScale, learning_rate: learningRate,
      caffe: isCaffe ? 1 : 0, nesterov: isNesterov ? 1 : 0)
    FusedUpdate(rule).apply(gradient, to: &parameter, &velocity)
  }
}
