import CKernels
package import Tensors

#if canImport(Glibc)
  import Glibc
#endif

/// One AdamW step on one parameter, as in torch (Loshchilov, Hutter, Decoupled Weight Decay Regularization, 2019).
///
/// At the parameter's step t, counted from 1, with learning rate η:
/// w −= η·weightDecay·w, m = β₁·m + (1 − β₁)·g, v = β₂·v + (1 − β₂)·g²,
/// w −= η/(1 − β₁ᵗ) · m / (√v/√(1 − β₂ᵗ) + ε).
package struct AdamWUpdate: Sendable, Equatable {
  /// η, of this step.
  package var learningRate: Double
  /// Decoupled: it shrinks the weight and does not enter the moments.
  package var weightDecay: Double
  /// β₁, the decay of the first moment.
  package var beta1: Double
  /// β₂, the decay of the second moment.
  package var beta2: Double
  /// ε, added to the root of the second moment.
  package var epsilon: Double
  /// t, the number of the parameter's update, counted from 1.
  package var step: Int

  /// The rule of one step.
  package init(
    learningRate: Double, weightDecay: Double, beta1: Double, beta2: Double, epsilon: Double, step: Int
  ) {
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.step = step
  }

  /// Updates the parameter and both moments in place; all have one shape.
  package func apply(
    _ gradient: Gradient, to parameter: inout Tensor, firstMoment: inout Tensor, secondMoment: inout Tensor
  ) {
    // As in torch, the factors that all elements share are computed in double.
    let rule = kernel_adamw(
      kept: Float(1 - learningRate * weightDecay), first_share: Float(1 - beta1), second_kept: Float(beta2),
      second_share: Float(1 - beta2), correction: Float((1 - pow(beta2, Double(step))).squareRoot()),
      epsilon: Float(epsilon), step: Float(learningRate / (1 - pow(beta1, Double(step)))))
    FusedUpdate(rule).apply(gradient, to: &parameter, &firstMoment, &secondMoment)
  }
}
