package import Kernels

/// A stage that gradients go through on their way to an optimizer's update rule.
///
/// Stages know nothing of each other: `Optimizer` hands what one of them lets through to the next. A stage may change a
/// gradient, or hold it back until the backward pass has ended.
package protocol GradientStage: Sendable {
  /// Begins the backward pass of a part of a batch.
  ///
  /// - Parameter share: the part's share of the batch; the shares of a step add up to 1.
  mutating func begin(share: Double, isLast: Bool)
  /// Takes the gradient of the parameter at `index`; nil if it is held back.
  mutating func passed(_ gradient: Gradient, at index: Int) -> Gradient?
  /// Gives back one of the gradients that were held back, after the backward pass has ended; nil if none is left.
  mutating func released() -> (index: Int, gradient: Gradient)?
  /// The first parameter of the step whose gradient cannot be used, so that nothing of the step may go on.
  var firstBad: Int? { get }
  /// Forgets a step that was given up.
  mutating func reset()
}

extension GradientStage {
  package mutating func begin(share: Double, isLast: Bool) {}
  package var firstBad: Int? { nil }
}
