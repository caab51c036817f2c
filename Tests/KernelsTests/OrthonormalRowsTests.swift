import Kernels
import Tensors
import Testing

@Suite struct OrthonormalRowsTests {
  @Test func rowsBecomeOrthonormal() {
    var stream = RandomStream(seed: 21)
    var x = stream.normal([70, 90])
    for c in 0..<90 { x[50 * 90 + c] = 2 * x[3 * 90 + c] - x[40 * 90 + c] }
    let q = OrthonormalRows.of(x)
    let products = Product.multiply(q, q, transposed: .second)
    for i in 0..<70 {
      for j in 0..<70 {
        let expected: Float = i == j && i != 50 ? 1 : 0
        #expect(abs(products[i * 70 + j] - expected) < 1e-5, "\(i) \(j)")
      }
    }
  }
}
