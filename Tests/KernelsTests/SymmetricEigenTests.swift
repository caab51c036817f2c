import Kernels
import Tensors
import Testing

@Suite struct SymmetricEigenTests {
  @Test func eigenvectorsOfASymmetricMatrix() {
    var stream = RandomStream(seed: 21)
    for size in [1, 2, 3, 24] {
      let x = stream.normal([size, size])
      let matrix = (0..<size * size).map { Double(x[$0]) + Double(x[$0 % size * size + $0 / size]) }
      let eigen = SymmetricEigen(matrix, size: size)
      #expect(eigen.values == eigen.values.sorted(by: >))
      for k in 0..<size {
        let vector = eigen.vectors[k * size..<(k + 1) * size].map { $0 }
        for i in 0..<size {
          let product = (0..<size).reduce(0.0) { $0 + matrix[i * size + $1] * vector[$1] }
          #expect(abs(product - eigen.values[k] * vector[i]) < 1e-10)
        }
        #expect(abs(vector.reduce(0) { $0 + $1 * $1 } - 1) < 1e-12)
      }
    }
  }
}
