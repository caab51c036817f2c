package import Autodiff
package import Kernels
package import Tensors

/// Scales all gradients together so that their global L2 norm is at most a limit; without one it hands them straight on.
///
/// The factor is limit / (norm + ε) where the norm exceeds the limit; ε is torch's 1e-6, or Caffe's 0.
package struct GradientClipping<Next: GradientConsumer>: GradientConsumer {
  package var next: Next
  private let limit: Double?
  private let epsilon: Double
  private var held: [(index: Int, gradient: Gradient)] = []
  /// The global norm at the last step that was clipped or checked.
  package private(set) var norm: Double?

  /// Forgets a step that was given up.
  package mutating func reset() { held = [] }

  package init(limit: Double?, epsilon: Double = 1e-6, next: Next) {
    self.limit = limit
    self.epsilon = epsilon
    self.next = next
  }

  package mutating func consume(_ gradient: Gradient, into parameter: inout Tensor, at index: Int) {
    if limit == nil {
      next.consume(gradient, into: &parameter, at: index)
    } else {
      held.append((index, gradient))
    }
  }

  package mutating func finish(_ parameters: inout Parameters) {
    if let limit {
      let norm = held.reduce(0) { $0 + $1.gradient.squaredNorm }.squareRoot()
      self.norm = norm
      let factor = norm > limit ? min(1, limit / (norm + epsilon)) : 1
      for (index, gradient) in held {
        next.consume(gradient.scaled(by: Float(factor)), into: &parameters[index], at: index)
      }
      held = []
    }
    next.finish(&parameters)
  }
}
