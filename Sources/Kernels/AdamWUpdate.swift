import CKernels
package import Tensors

#if canImport(Glibc)
  import Glibc
#endif

/// One step of AdamW on one parameter (Loshchilov, Hutter, Decoupled Weight Decay Regularization, 2019), as in torch.
///
/// At the parameter's step t, counted from 1, with learning rate η:
/// w −= η·weightDecay·w, m = β₁·m + (1 − β₁)·g, v = β₂·v + (1 − β₂)·g²,
/// w −= η/(1 − β₁ᵗ) · m / (√v/√(1 − β₂ᵗ) + ε).
package struct AdamWUpdate: Sendable, Equatable {
  package var learningRate: Double
  package var weightDecay: Double
  package var beta1: Double
  package var beta2: Double
  package var epsilon: Double
  /// Counted from 1.
  package var step: Int

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

  /// Changes the parameter and its moments in place.
  package func apply(
    _ gradient: Gradient, to parameter: inout Tensor, firstMoment: inout Tensor, secondMoment: inout Tensor
  ) {
    // As in torch, what is the same for all numbers is computed in double.
    let rule = kernel_adamw(
      kept: Float(1 - learningRate * weightDecay), first_share: Float(1 - beta1), second_kept: Float(beta2),
      second_share: Float(1 - beta2), correction: Float((1 - pow(beta2, Double(step))).squareRoot()),
      epsilon: Float(epsilon), step: Float(learningRate / (1 - pow(beta1, Double(step)))))
    FusedUpdate(rule).apply(gradient, to: &parameter, &firstMoment, &secondMoment)
  }
}
