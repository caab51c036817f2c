package import Tensors

/// The gradient of a parameter, whole or as the product that it comes from.
///
/// A linear layer's weight gradient is inputᵀ·outputGradient; as a product it need not be stored.
package enum Gradient: Sendable {
  case whole(Tensor)
  /// input `[rows, in]`, outputGradient `[rows, out]`; the gradient is `[in, out]`, multiplied in a precision.
  case product(input: Tensor, outputGradient: Tensor, precision: Precision = .float32)

  /// The gradient as one tensor.
  package func materialised() -> Tensor {
    switch self {
    case .whole(let tensor): tensor
    case .product(let input, let outputGradient, let precision):
      Product.multiply(input, outputGradient, transposed: .first, precision: precision)
    }
  }

  /// The sum of two gradients of one parameter.
  package static func + (left: Gradient, right: Gradient) -> Gradient {
    var sum = left.materialised()
    switch right {
    case .whole(let tensor): Elementwise.add(tensor, to: &sum)
    case .product(let input, let outputGradient, let precision):
      Product.multiply(
        input, outputGradient, transposed: .first, precision: precision, into: &sum, accumulate: true)
    }
    return .whole(sum)
  }

  /// The gradient times a factor.
  package func scaled(by factor: Float) -> Gradient {
    guard factor != 1 else { return self }
    switch self {
    case .whole(let tensor): return .whole(Elementwise.scale(tensor, by: factor))
    case .product(let input, let outputGradient, let precision):
      return .product(
        input: input, outputGradient: Elementwise.scale(outputGradient, by: factor), precision: precision)
    }
  }

  /// Whether every number is finite; the product is made only where its factors are so large that it may not be.
  package var isFinite: Bool {
    switch self {
    case .whole(let tensor): return Elementwise.isFinite(tensor)
    case .product(let input, let outputGradient, _):
      // |⟨x, d⟩| ≤ ‖x‖·‖d‖.
      let bound = (Elementwise.sumOfSquares(input) * Elementwise.sumOfSquares(outputGradient)).squareRoot()
      if bound < Double(Float.greatestFiniteMagnitude) / 2 { return true }
      return bound.isFinite && Elementwise.isFinite(materialised())
    }
  }

  /// The squared L2 norm; of a product by ‖XᵀD‖² = ⟨XXᵀ, DDᵀ⟩, which needs only rows × rows numbers (in float32,
  /// whatever the product's precision).
  package var squaredNorm: Double {
    switch self {
    case .whole(let tensor): return Elementwise.sumOfSquares(tensor)
    case .product(let input, let outputGradient, _):
      let left = Product.multiply(input, input, transposed: .second)
      let right = Product.multiply(outputGradient, outputGradient, transposed: .second)
      return left.withSpan { left in
        right.withSpan { right in
          var sum = 0.0
          for i in left.indices { sum += Double(left[i]) * Double(right[i]) }
          return max(sum, 0)
        }
      }
    }
  }
}
