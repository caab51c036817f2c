import Kernels
import Tensors
import TestSupport
import Testing

/// Gradients as products: sums that stay products, and norms without multiplying out.
@Suite struct GradientTests {
  private static func product(
    _ rows: Int, _ inputs: Int, _ outputs: Int, _ stream: inout RandomStream, _ precision: Precision = .float32
  ) -> Gradient {
    .product(
      input: stream.normal([rows, inputs]), outputGradient: stream.normal([rows, outputs]), precision: precision)
  }

  private static func rows(_ gradient: Gradient) -> Int? {
    if case .product(let input, _, _) = gradient { input.shape[0] } else { nil }
  }

  /// The sum of products of a large layer is never made whole: its factors are stacked, and it is the same sum.
  @Test(arguments: Precision.allCases.filter(\.isAvailable)) func sumsOfProductsStayProducts(precision: Precision) {
    var stream = RandomStream(seed: 2)
    var sum = Self.product(8, 300, 200, &stream, precision)
    var whole = Gradient.whole(sum.materialized())
    for _ in 0..<3 {
      let part = Self.product(8, 300, 200, &stream, precision)
      sum.add(part, times: 0.25)
      whole.add(.whole(part.materialized()), times: 0.25)
    }
    #expect(Self.rows(sum) == 32)
    #expect(sum.materialized().distance(to: whole.materialized()) < 1e-5)
    #expect(abs(sum.squaredNorm / whole.squaredNorm - 1) < (precision == .float32 ? 1e-5 : 1e-2))
  }

  /// Where factors would take more memory than the gradient, it is multiplied out: 30 rows of 200 + 20 are more than 200·20.
  @Test func sumsOfASmallLayerAreMultipliedOut() {
    var stream = RandomStream(seed: 5)
    let parts = (0..<3).map { _ in Self.product(9, 200, 20, &stream) }
    var sum = parts[0]
    sum.add(parts[1])
    #expect(Self.rows(sum) == 18 && Self.rows(sum.compact()) == 18)
    sum.add(parts[2], times: -2)
    #expect(Self.rows(sum) == nil)
    var expected = parts[0].materialized()
    Elementwise.add(parts[1].materialized(), to: &expected)
    Elementwise.add(parts[2].materialized(), times: -2, to: &expected)
    #expect(sum.materialized().distance(to: expected) < 1e-5)
    let large = Self.product(30, 200, 20, &stream)
    #expect(Self.rows(large.compact()) == nil)
    #expect(large.compact().materialized() == large.materialized())
  }

  /// A product and a whole gradient are multiplied out and added.
  @Test func differentFormsAreAdded() {
    var stream = RandomStream(seed: 7)
    let (one, other) = (Self.product(2, 30, 20, &stream), Self.product(2, 30, 20, &stream))
    let whole = Gradient.whole(other.materialized())
    for (left, right) in [(one, whole), (whole, one)] {
      var sum = left
      sum.add(right, times: 1)
      var expected = one.materialized()
      Elementwise.add(other.materialized(), to: &expected)
      #expect(Self.rows(sum) == nil && sum.materialized().distance(to: expected) < 1e-5)
    }
  }

  @Test(.enabled(if: Precision.bfloat16.isAvailable)) func productsOfTwoPrecisionsAreMultipliedOut() {
    var stream = RandomStream(seed: 7)
    var sum = Self.product(2, 30, 20, &stream)
    sum.add(Self.product(2, 30, 20, &stream, .bfloat16))
    #expect(Self.rows(sum) == nil)
  }

  /// The norm of a product's factors equals that of the product.
  @Test func normOfAProduct() {
    var stream = RandomStream(seed: 2)
    let product = Self.product(8, 40, 30, &stream)
    let whole = Gradient.whole(product.materialized())
    #expect(abs(product.squaredNorm / whole.squaredNorm - 1) < 1e-5)
    var twice = product
    twice.add(product)
    #expect(twice.materialized().distance(to: whole.scaled(by: 2).materialized()) < 1e-5)
  }
}
