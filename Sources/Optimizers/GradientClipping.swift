package import Kernels

/// Scales all gradients together so that their global L2 norm is at most a limit.
///
/// The factor is limit / (norm + ε) where the norm exceeds the limit; ε is torch's 1e-6, or Caffe's 0.
package struct GradientClipping: GradientStage {
  private let limit: Double
  private let epsilon: Double
  private var held = HeldGradients()
  /// What the gradients of the step are multiplied by; nil until the first of them is released.
  private var factor: Float?

  package init(limit: Double, epsilon: Double = 1e-6) { (self.limit, self.epsilon) = (limit, epsilon) }

  package mutating func passed(_ gradient: Gradient, at index: Int) -> Gradient? {
    held.append(gradient, at: index)
    return nil
  }

  package mutating func released() -> (index: Int, gradient: Gradient)? {
    let factor = factor ?? self.factor(for: held.squaredNorm.squareRoot())
    let first = held.removeFirst()
    self.factor = first == nil ? nil : factor
    return first.map { ($0.index, $0.gradient.scaled(by: factor)) }
  }

  private func factor(for norm: Double) -> Float { norm > limit ? Float(min(1, limit / (norm + epsilon))) : 1 }

  package mutating func reset() { (held, factor) = (HeldGradients(), nil) }
}
