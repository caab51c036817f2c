package import Tensors

/// The gradient of a parameter: as a tensor, or as the two factors of a product.
///
/// A linear layer's weight gradient is inputᵀ·outputGradient; its factors take less memory than the gradient itself.
package enum Gradient: Sendable {
  /// A tensor of the parameter's shape.
  case whole(Tensor)
  /// inputᵀ·outputGradient `[in, out]` of input `[N, in]` and outputGradient `[N, out]`, multiplied in `precision`.
  case product(input: Tensor, outputGradient: Tensor, precision: Precision = .float32)

  /// The gradient as a tensor of the parameter's shape.
  package func materialized() -> Tensor {
    switch self {
    case .whole(let tensor): tensor
    case .product(let input, let outputGradient, let precision):
      Product.multiply(input, outputGradient, transposed: .first, precision: precision)
    }
  }

  /// Adds `factor` times another gradient of the same parameter.
  ///
  /// Two products of one precision stay a product, of stacked factors: Xᵀ·D + f·Yᵀ·E = [X; Y]ᵀ·[D; f·E]. If these factors
  /// would be larger than the gradient itself, the sum is multiplied out instead.
  package mutating func add(_ other: Gradient, times factor: Float = 1) {
    if let stacked = stacked(with: other, times: factor) {
      self = stacked
      return
    }
    var sum = materialized()
    self = .whole(Tensor(zeros: [0]))  // leaves `sum` the only owner, to change in place
    switch other {
    case .whole(let tensor): Elementwise.add(tensor, times: factor, to: &sum)
    case .product(let input, let outputGradient, let precision):
      Product.multiply(
        input, factor == 1 ? outputGradient : Elementwise.scale(outputGradient, by: factor), transposed: .first,
        precision: precision, into: &sum, accumulate: true)
    }
    self = .whole(sum)
  }

  /// The sum as one product; `nil` if it is not a product, or its factors are larger than the gradient.
  private func stacked(with other: Gradient, times factor: Float) -> Gradient? {
    guard case .product(let x, let d, let precision) = self, case .product(let y, let e, precision) = other,
      (x.shape[0] + y.shape[0]) * (x.shape[1] + d.shape[1]) <= x.shape[1] * d.shape[1]
    else { return nil }
    return .product(
      input: Rows.stacked(x, y), outputGradient: Rows.stacked(d, e, times: factor), precision: precision)
  }

  /// The gradient in the form that takes less memory, for gradients that are kept.
  package func compact() -> Gradient {
    guard case .product(let input, let outputGradient, _) = self,
      input.count + outputGradient.count > input.shape[1] * outputGradient.shape[1]
    else { return self }
    return .whole(materialized())
  }

  /// The shapes, for error messages.
  var shapes: String {
    switch self {
    case .whole(let tensor): "gradient \(tensor.shape)"
    case .product(let input, let outputGradient, _): "gradient \(input.shape)ᵀ·\(outputGradient.shape)"
    }
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

  /// Whether every element is finite; a product is multiplied out only if its factors are large enough to overflow.
  package var isFinite: Bool {
    switch self {
    case .whole(let tensor): return Elementwise.isFinite(tensor)
    case .product(let input, let outputGradient, _):
      // |⟨x, d⟩| ≤ ‖x‖·‖d‖.
      let bound = (Elementwise.sumOfSquares(input) * Elementwise.sumOfSquares(outputGradient)).squareRoot()
      if bound < Double(Float.greatestFiniteMagnitude) / 2 { return true }
      return bound.isFinite && Elementwise.isFinite(materialized())
    }
  }

  /// The squared L2 norm.
  ///
  /// For a product it is ‖XᵀD‖² = ⟨XXᵀ, DDᵀ⟩, which takes only two `[N, N]` matrices (always in float32).
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
