package import Autodiff
package import Kernels
package import Tensors

/// Lets only finite gradients through: from the first that is not on, nothing of the step goes on.
///
/// Gradients that came before it have gone on already, unless they are held until all of the step are there.
package struct FiniteGradients<Next: GradientConsumer>: GradientConsumer {
  package var next: Next
  private let holds: Bool
  private var held: [(index: Int, gradient: Gradient)] = []
  /// The parameter whose gradient was the first of the step that is not finite.
  package private(set) var firstBad: Int?

  /// - Parameter holds: whether a step with a bad gradient changes nothing at all; costs room for all gradients.
  package init(holds: Bool, next: Next) { (self.holds, self.next) = (holds, next) }

  /// Forgets a step that was given up.
  package mutating func reset() { (held, firstBad) = ([], nil) }

  package mutating func consume(_ gradient: Gradient, into parameter: inout Tensor, at index: Int) {
    guard firstBad == nil else { return }
    guard gradient.isFinite else {
      firstBad = index
      held = []
      return
    }
    if holds { held.append((index, gradient)) } else { next.consume(gradient, into: &parameter, at: index) }
  }

  package mutating func finish(_ parameters: inout Parameters) {
    guard firstBad == nil else { return }
    for (index, gradient) in held { next.consume(gradient, into: &parameters[index], at: index) }
    held = []
    next.finish(&parameters)
  }
}
