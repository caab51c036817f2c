internal import Kernels
package import Tensors

/// The inner products of samples' activations, to compare two layers on the same samples by linear centered
/// kernel alignment (CKA).
///
/// Source: S. Kornblith, M. Norouzi, H. Lee, G. Hinton, "Similarity of neural network representations revisited", ICML
/// 2019, with the unbiased HSIC of L. Song et al., "Feature selection via dependence maximization", JMLR 2012: the plain
/// one is far above 0 for unrelated activations of more numbers than samples.
package struct KernelAlignment: Sendable {
  /// `[samples, samples]`, 0 on the diagonal.
  private let products: Tensor
  private let rowSums: [Double]
  private var count: Int { rowSums.count }

  /// - Parameter activations: `[samples, numbers]`, of at least four samples.
  package init(_ activations: Tensor) {
    let (rows, columns) = (activations.shape[0], activations.shape[1])
    precondition(rows >= 4, "KernelAlignment: \(rows) samples; expected 4 or more")
    // The estimate does not change with the activations' mean; without it products keep their digits.
    let means = Rows.columnSums(activations).values.map { -$0 / Float(rows) }
    var centered = activations
    if columns > 0 { Rows.add(bias: Tensor(means), to: &centered) }
    var products = Product.multiply(centered, centered, transposed: .second)
    for row in 0..<rows { products[row * rows + row] = 0 }
    rowSums = products.withSpan { values in
      (0..<rows).map { row in
        var sum = 0.0
        for column in 0..<rows { sum += Double(values[row * rows + column]) }
        return sum
      }
    }
    self.products = products
  }

  /// Unbiased CKA: 1 for activations that differ by a rotation and a scale, about 0 for unrelated ones, where it may be a
  /// little below; nil where one of them does not vary.
  package func similarity(to other: KernelAlignment) -> Double? {
    let scale = dependence(on: self) * other.dependence(on: other)
    return scale > 0 ? dependence(on: other) / scale.squareRoot() : nil
  }

  /// HSIC₁ = (tr KL + 1ᵀK1·1ᵀL1 / ((n − 1)(n − 2)) − 2·1ᵀKL1 / (n − 2)) / (n(n − 3)).
  private func dependence(on other: KernelAlignment) -> Double {
    precondition(count == other.count, "KernelAlignment: \(count) samples beside \(other.count)")
    let trace = products.withSpan { a in
      other.products.withSpan { b in
        var sum = 0.0
        for index in 0..<count * count { sum += Double(a[index]) * Double(b[index]) }
        return sum
      }
    }
    let n = Double(count)
    let totals = rowSums.reduce(0, +) * other.rowSums.reduce(0, +)
    let crossed = zip(rowSums, other.rowSums).reduce(0) { $0 + $1.0 * $1.1 }
    return (trace + totals / ((n - 1) * (n - 2)) - 2 * crossed / (n - 2)) / (n * (n - 3))
  }
}
