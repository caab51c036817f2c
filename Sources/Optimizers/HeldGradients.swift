import Kernels

/// The gradients that a stage holds, first in, first out.
struct HeldGradients: Sendable {
  private var gradients: [(index: Int, gradient: Gradient)?] = []
  private var next = 0

  /// Σ of the squared L2 norms.
  var squaredNorm: Double { gradients.reduce(0) { $0 + ($1?.gradient.squaredNorm ?? 0) } }

  mutating func append(_ gradient: Gradient, at index: Int) { gradients.append((index, gradient)) }

  /// Removes and returns the first gradient; `nil` if none is left.
  mutating func removeFirst() -> (index: Int, gradient: Gradient)? {
    guard next < gradients.count, let first = gradients[next] else {
      self = HeldGradients()
      return nil
    }
    gradients[next] = nil
    next += 1
    return first
  }
}
