package import Kernels

/// Gradient clipping: scales all gradients of a step so that their global L2 norm is at most a limit.
///
/// If the norm exceeds the limit, the factor is limit / (norm + ε); ε is 1e-6 as in torch, or 0 as in Caffe.
package struct GradientClipping: GradientStage {
  private let limit: Double
  private let epsilon: Double
  private var held = HeldGradients()
  /// The factor of the step's gradients; `nil` until the first of them is released.
  private var factor: Float?

  /// Clipping to a global L2 norm.
  package init(limit: Double, epsilon: Double = 1e-6) { (self.limit, self.epsilon) = (limit, epsilon) }

  /// `nil`: every gradient is held until the norm is known.
  package mutating func passed(_ gradient: Gradient, at index: Int) -> Gradient? {
    held.append(gradient, at: index)
    return nil
  }

  /// The scaled gradients, in order.
  package mutating func released() -> (index: Int, gradient: Gradient)? {
    let factor = factor ?? self.factor(for: held.squaredNorm.squareRoot())
    let first = held.removeFirst()
    self.factor = first == nil ? nil : factor
    return first.map { ($0.index, $0.gradient.scaled(by: factor)) }
  }

  private func factor(for norm: Double) -> Float { norm > limit ? Float(min(1, limit / (norm + epsilon))) : 1 }

  /// Discards the held gradients.
  package mutating func reset() { (held, factor) = (HeldGradients(), nil) }
}
