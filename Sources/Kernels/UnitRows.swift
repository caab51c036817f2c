package import Tensors

/// Rows scaled to length 1.
package enum UnitRows {
  /// Rows shorter than this are divided by it instead of their length, so that a row of zeros stays one.
  private static let least: Float = 1e-12

  /// x / max(‖x‖, 10⁻¹²), row by row, and the divisors.
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

  /// (dy − y·⟨y, dy⟩) / ‖x‖, row by row.
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

extension Rows {
  /// The rows of a tensor `[rows, columns]` in another order; row i of the result is row `order[i]`.
  package static func gathered(_ x: Tensor, order: [Int]) -> Tensor {
    let columns = x.shape[1]
    var result = Tensor(uninitialized: [order.count, columns])
    x.withUnsafePointer { source in
      result.withUnsafeMutablePointer { target in
        for (row, from) in order.enumerated() {
          precondition(from >= 0 && from < x.shape[0], "gathered: row \(from) of \(x.shape)")
          (target + row * columns).update(from: source + from * columns, count: columns)
        }
      }
    }
    return result
  }
}
