import Kernels
import Tensors
import TestSupport
import Testing

@Suite struct ProductTests {
  @Test func productsAgreeWithTheDefinition() {
    var stream = RandomStream(seed: 23)
    for (m, n, k) in [
      (1, 1, 1), (3, 5, 7), (65, 130, 33), (2, 300, 1), (40, 1, 200), (13, 1_030, 1_037), (65, 1_030, 1_037),
    ] {
      let (a, b) = (stream.normal([m, k]), stream.normal([k, n]))
      var expected = Tensor(zeros: [m, n])
      for i in 0..<m {
        for j in 0..<n {
          expected[i * n + j] = Float((0..<k).reduce(0.0) { $0 + Double(a[i * k + $1]) * Double(b[$1 * n + j]) })
        }
      }
      func transposed(_ t: Tensor) -> Tensor {
        let (rows, columns) = (t.shape[0], t.shape[1])
        return Tensor((0..<columns).flatMap { j in (0..<rows).map { t[$0 * columns + j] } }, shape: [columns, rows])
      }
      #expect(Product.multiply(a, b).distance(to: expected) < 3e-4)
      #expect(Product.multiply(transposed(a), b, transposed: .first).distance(to: expected) < 3e-4)
      #expect(Product.multiply(a, transposed(b), transposed: .second).distance(to: expected) < 3e-4)
      var twice = expected
      Product.multiply(a, b, into: &twice, accumulate: true)
      #expect(twice.distance(to: Elementwise.scale(expected, by: 2)) < 3e-4)
    }
  }
}
