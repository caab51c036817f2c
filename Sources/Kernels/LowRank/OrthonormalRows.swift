import CKernels
package import Tensors

/// Orthonormalization of rows by blocked Gram–Schmidt, done twice (Giraud, Langou, Rozložník 2005).
package enum OrthonormalRows {
  /// Rows per block.
  private static let block = 32
  /// A row whose remainder is at most this share of its length depends on those before it: rounding of Float.
  private static let negligible = 1e-5

  /// Orthonormal rows Q with the row space of `x`, `[rows, columns]`.
  ///
  /// A row that depends linearly on those before it becomes zero; QᵀQ is still a projection.
  package static func of(_ x: Tensor) -> Tensor {
    let (rows, columns) = (x.shape[0], x.shape[1])
    var result = Tensor(zeros: [rows, columns])
    for first in stride(from: 0, to: rows, by: block) {
      let count = min(block, rows - first)
      var part = Rows.gathered(x, order: Array(first..<first + count))
      let lengths = part.withUnsafePointer { part in
        (0..<count).map { kernel_sum_of_squares(part + $0 * columns, Int64(columns)).squareRoot() }
      }
      if first > 0 {
        let done = Rows.gathered(result, order: Array(0..<first))
        for _ in 0..<2 {
          let shares = Product.multiply(part, done, transposed: .second)
          Elementwise.add(Product.multiply(shares, done), times: -1, to: &part)
        }
      }
      result.withUnsafeMutablePointer { result in
        let rows = result + first * columns
        part.withUnsafePointer { rows.update(from: $0, count: count * columns) }
        for row in 0..<count { orthonormalize(row, of: rows, columns, length: lengths[row]) }
      }
    }
    return result
  }

  /// Subtracts the projections on the rows above from a row, and normalizes it.
  private static func orthonormalize(
    _ row: Int, of rows: UnsafeMutablePointer<Float>, _ columns: Int, length original: Double
  ) {
    let own = rows + row * columns
    for _ in 0..<2 {
      for above in 0..<row {
        let other = rows + above * columns
        kernel_add_scaled(-Float(kernel_dot(own, other, Int64(columns))), other, own, Int64(columns))
      }
    }
    let length = kernel_sum_of_squares(own, Int64(columns)).squareRoot()
    kernel_scale(length > negligible * original ? Float(1 / length) : 0, own, own, Int64(columns))
  }
}
