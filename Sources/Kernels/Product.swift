import CKernels
import COneDNN
package import Tensors

/// Matrix products `[m, k]`·`[k, n]`.
package enum Product {
  /// Which factor is transposed.
  package enum Transposed: Sendable { case neither, first, second }

  /// a·b, `[m, k]`·`[k, n]` → `[m, n]`, with one factor transposed if asked; traps if the shapes do not match.
  package static func multiply(
    _ a: Tensor, _ b: Tensor, transposed: Transposed = .neither, precision: Precision = .float32
  ) -> Tensor {
    let (m, n, _) = extents(a, b, transposed)
    var result = Tensor(uninitialized: [m, n])
    multiply(a, b, transposed: transposed, precision: precision, into: &result, accumulate: false)
    return result
  }

  /// result = a·b, or result += a·b if `accumulate`.
  package static func multiply(
    _ a: Tensor, _ b: Tensor, transposed: Transposed = .neither, precision: Precision = .float32,
    into result: inout Tensor, accumulate: Bool
  ) {
    let (m, n, k) = extents(a, b, transposed)
    precondition(result.count == m * n, "multiply: result \(result.shape) for [\(m), \(n)]")
    guard k > 0, m > 0, n > 0 else {
      if !accumulate { result = Tensor(zeros: result.shape) }
      return
    }
    switch (precision, transposed) {
    case (.float32, .neither) where m <= mostStrippedRows && n * k >= 1 << 20:
      multiplyStripped(a, b, into: &result, accumulate: accumulate)
    case (.float32, _): multiplyBlocked(a, b, transposed, into: &result, accumulate: accumulate)
    case (.bfloat16, _): BFloat16Product.multiply(a, b, transposed, into: &result, accumulate: accumulate)
    }
  }

  /// Up to this many rows, a product with a large factor reads that factor once and row by row, unlike sgemm.
  private static let mostStrippedRows = 256

  /// a·b for a large b and an a of few rows: reads b once, row by row, and adds the sums over runs of k in order.
  private static func multiplyStripped(_ a: Tensor, _ b: Tensor, into result: inout Tensor, accumulate: Bool) {
    let (m, k, n) = (a.shape[0], a.shape[1], b.shape[1])
    let strip = Int(kernel_strip)
    let depth = max(256, ((k + 3) / 4 + 127) / 128 * 128)
    let columns = min(n, 1024)
    let (groups, blocks) = ((k + depth - 1) / depth, (n + columns - 1) / columns)
    var partials = Tensor(uninitialized: [groups, m, n])
    a.withUnsafePointer { a in
      b.withUnsafePointer { b in
        partials.withUnsafeMutablePointer { partials in
          ThreadPool.current.parallel(groups * blocks) { tile in
            let (start, column) = (tile / blocks * depth, tile % blocks * columns)
            let deep = min(depth, k - start)
            withUnsafeTemporaryAllocation(of: Float.self, capacity: (m + strip - 1) / strip * strip * deep) { strips in
              guard let strips = strips.baseAddress else { return }
              kernel_pack_strips(a + start, 1, Int64(k), Int64(deep), Int64(m), strips)
              kernel_strip_product(
                strips, Int64(deep), b + start * n + column, Int64(n), Int64(m), Int64(min(columns, n - column)),
                partials + tile / blocks * m * n + column, Int64(n))
            }
          }
        }
      }
    }
    if !accumulate { result = Tensor(zeros: result.shape) }
    Rows.sum(partials, into: &result)
  }

  private static func multiplyBlocked(
    _ a: Tensor, _ b: Tensor, _ transposed: Transposed, into result: inout Tensor, accumulate: Bool
  ) {
    let (m, n, k) = extents(a, b, transposed)
    let (transposeA, transposeB) = (transposed == .first, transposed == .second)
    let (aStride, bStride) = (a.shape[1], b.shape[1])
    // Blocks of the result of at least four million MACs, whole rows first. A large product has about eight blocks, so that
    // each element fetched is used more often.
    let target = max(4_000_000, m * n / 8 * k)
    let columns = max(64, min(n, (target / (min(m, 64) * k) + 63) / 64 * 64))
    let rows = max(16, min(m, (target / (min(n, columns) * k) + 15) / 16 * 16))
    let (rowTiles, columnTiles) = ((m + rows - 1) / rows, (n + columns - 1) / columns)
    a.withUnsafePointer { a in
      b.withUnsafePointer { b in
        result.withUnsafeMutablePointer { c in
          ThreadPool.current.parallel(rowTiles * columnTiles) { tile in
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
