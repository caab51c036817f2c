package import Kernels

/// A stage between the backward pass and an optimizer's update rule: accumulation, clipping and the like.
///
/// Stages are independent: `Optimizer` hands the output of one to the next. A stage may change a gradient, or hold it until
/// the backward pass has ended.
package protocol GradientStage: Sendable {
  /// Begins the backward pass of one part of a batch.
  ///
  /// - Parameters:
  ///   - share: the part's share of the batch; the shares of a step add up to 1.
  ///   - isLast: whether the step is made with this part.
  mutating func begin(share: Double, isLast: Bool)
  /// Takes the gradient of the parameter at `index`; returns it, changed or not, or `nil` to hold it.
  mutating func passed(_ gradient: Gradient, at index: Int) -> Gradient?
  /// After the backward pass, returns the next gradient that was held; `nil` if none is left.
  mutating func released() -> (index: Int, gradient: Gradient)?
  /// The first parameter of the step whose gradient is unusable; the step ends there.
  var firstBad: Int? { get }
  /// Discards an abandoned step.
  mutating func reset()
}

extension GradientStage {
  /// Does nothing by default.
  package mutating func begin(share: Double, isLast: Bool) {}
  /// `nil` by default: every gradient is usable.
  package var firstBad: Int? { nil }
}
