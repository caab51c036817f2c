package import Kernels

/// Lets only finite gradients through: from the first that is not on, nothing of the step goes on.
///
/// Gradients that came before it have gone on already, unless they are held until all of the step are there.
package struct FiniteGradients: GradientStage {
  private let holds: Bool
  private var held = HeldGradients()
  package private(set) var firstBad: Int?

  /// - Parameter holds: whether a step with a bad gradient changes nothing at all; costs memory for all gradients.
  package init(holds: Bool) { self.holds = holds }

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

  package mutating func released() -> (index: Int, gradient: Gradient)? { held.removeFirst() }

  package mutating func reset() { (held, firstBad) = (HeldGradients(), nil) }
}
