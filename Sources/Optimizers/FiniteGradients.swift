package import Kernels

/// Passes on finite gradients only: the first one with NaN or infinity ends the step.
///
/// Earlier gradients of the step have already been passed on, unless `holds` keeps all of them until the step is complete.
package struct FiniteGradients: GradientStage {
  private let holds: Bool
  private var held = HeldGradients()
  /// The first parameter of the step whose gradient was not finite.
  package private(set) var firstBad: Int?

  /// A stage that stops at the first gradient that is not finite.
  ///
  /// - Parameter holds: whether such a step changes no parameter at all; takes memory for all gradients.
  package init(holds: Bool) { self.holds = holds }

  /// The gradient, if it and all before it are finite and none are held.
  package mutating func passed(_ gradient: Gradient, at index: Int) -> Gradient? {
    guard firstBad == nil else { return nil }
    guard gradient.isFinite else {
      firstBad = index
      held = HeldGradients()
      return nil
    }
    guard holds else { return gradient }
    held.append(gradient, at: index)
    return nil
  }

  /// The gradients that were held, in order.
  package mutating func released() -> (index: Int, gradient: Gradient)? { held.removeFirst() }

  /// Discards the held gradients and accepts gradients again.
  package mutating func reset() { (held, firstBad) = (HeldGradients(), nil) }
}
