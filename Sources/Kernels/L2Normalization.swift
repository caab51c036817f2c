package import Tensors

/// L2 normalization of the rows of `[N, features]`: y = x / ‖x‖.
package enum L2Normalization {
  /// Least divisor, so that a row of zeros stays zero.
  private static let least: Float = 1e-12

  /// x / max(‖x‖, 10⁻¹²) for each row, and the divisors.
  package static func forward(_ x: Tensor) -> (output: Tensor, norms: [Float]) {
    let (rows, columns) = (x.shape[0], x.shape[1])
    var result = Tensor(uninitialized: x.shape)
    var norms: [Float] = []
    x.withUnsafePointer { x in
      result.withUnsafeMutablePointer { y in
        for row in 0..<rows {
          let (x, y) = (x + row * columns, y + row * columns)
          var sum = 0.0
          for c in 0..<columns { sum += Double(x[c]) * Double(x[c]) }
          let norm = max(Float(sum.squareRoot()), least)
          for c in 0..<columns { y[c] = x[c] / norm }
          norms.append(norm)
        }
      }
    }
    return (result, norms)
  }

  /// dx = (dy − y·⟨y, dy⟩) / ‖x‖ for each row.
  package static func inputGradient(output: Tensor, norms: [Float], gradient: Tensor) -> Tensor {
    let columns = output.shape[1]
    var result = Tensor(uninitialized: output.shape)
    output.withUnsafePointer { y in
      gradient.withUnsafePointer { dy in
        result.withUnsafeMutablePointer { dx in
          for (row, norm) in norms.enumerated() {
            let (y, dy, dx) = (y + row * columns, dy + row * columns, dx + row * columns)
            var product = 0.0
            for c in 0..<columns { product += Double(y[c]) * Double(dy[c]) }
            for c in 0..<columns { dx[c] = (dy[c] - y[c] * Float(product)) / norm }
          }
        }
      }
    }
    return result
  }
}
