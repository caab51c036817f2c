import COneDNN
package import Tensors

/// Matrix products.
package enum Product {
  /// Which factor is taken transposed.
  package enum Transposed: Sendable { case neither, first, second }

  /// a·b, `[m, k]`·`[k, n]` → `[m, n]`, with one factor transposed if asked.
  package static func multiply(_ a: Tensor, _ b: Tensor, transposed: Transposed = .neither) -> Tensor {
    let (m, n, _) = extents(a, b, transposed)
    var result = Tensor(uninitialized: [m, n])
    multiply(a, b, transposed: transposed, into: &result, accumulate: false)
    return result
  }

  /// The same into `result`, or added to it.
  package static func multiply(
    _ a: Tensor, _ b: Tensor, transposed: Transposed = .neither, into result: inout Tensor, accumulate: Bool
  ) {
    let (m, n, k) = extents(a, b, transposed)
    let (transposeA, transposeB) = (transposed == .first, transposed == .second)
    precondition(result.count == m * n, "multiply: result \(result.shape) for [\(m), \(n)]")
    guard k > 0 else {
      if !accumulate { result = Tensor(zeros: result.shape) }
      return
    }
    let (aStride, bStride) = (a.shape[1], b.shape[1])
    // Blocks of the result of at least four million multiply-adds, whole rows first; about eight of them where the product
    // is large, as each number that is fetched is then used more often.
    let target = max(4_000_000, m * n / 8 * k)
    let columns = max(64, min(n, (target / (min(m, 64) * k) + 63) / 64 * 64))
    let rows = max(16, min(m, (target / (min(n, columns) * k) + 15) / 16 * 16))
    let (rowTiles, columnTiles) = ((m + rows - 1) / rows, (n + columns - 1) / columns)
    a.withUnsafePointer { a in
      b.withUnsafePointer { b in
        result.withUnsafeMutablePointer { c in
          ThreadPool.shared.parallel(rowTiles * columnTiles) { tile in
            let row = tile / columnTiles * rows
            let column = tile % columnTiles * columns
            check(
              onednn_multiply(
                transposeA ? 1 : 0, transposeB ? 1 : 0, Int64(min(rows, m - row)), Int64(min(columns, n - column)),
                Int64(k), a + (transposeA ? row : row * aStride), Int64(aStride),
                b + (transposeB ? column * bStride : column), Int64(bStride), accumulate ? 1 : 0, c + row * n + column,
                Int64(n)))
          }
        }
      }
    }
  }

  private static func extents(_ a: Tensor, _ b: Tensor, _ transposed: Transposed) -> (m: Int, n: Int, k: Int) {
    precondition(a.shape.count == 2 && b.shape.count == 2, "multiply: shapes \(a.shape) and \(b.shape)")
    let (m, k) = transposed == .first ? (a.shape[1], a.shape[0]) : (a.shape[0], a.shape[1])
    let (inner, n) = transposed == .second ? (b.shape[1], b.shape[0]) : (b.shape[0], b.shape[1])
    precondition(k == inner, "multiply: \(a.shape) by \(b.shape), transposed: \(transposed)")
    return (m, n, k)
  }
}
