import CKernels
package import Tensors

/// The truncated singular value decomposition A ≈ U·Σ·Vᵀ, the best approximation of a matrix by one of lower rank.
///
/// Randomized (Halko, Martinsson, Tropp 2011, algorithms 4.4 and 5.1): sample A's range at random, sharpen the sample by
/// power iterations, then take the eigenvectors of the small Gram matrix of A projected on it. The seed affects only the
/// last digits. At full rank U·Σ·Vᵀ equals A up to rounding.
package struct TruncatedSVD: Sendable {
  /// Uᵀ, the left singular vectors as rows, `[rank, rows]`.
  package let left: Tensor
  /// Σ·Vᵀ, the right singular vectors times their singular values, `[rank, columns]`.
  package let right: Tensor
  /// The singular values in descending order.
  package let singularValues: [Float]
  /// ‖A − U·Σ·Vᵀ‖ / ‖A‖ in the Frobenius norm.
  package let relativeError: Double

  /// Decomposes `[rows, columns]` at `rank`, or at full rank if that is smaller.
  package init(
    _ matrix: Tensor, rank: Int, oversampling: Int = 10, iterations: Int = 4, seed: UInt64 = 1
  ) {
    let (rows, columns) = (matrix.shape[0], matrix.shape[1])
    let most = min(rows, columns)
    let rank = max(1, min(rank, most))
    let samples = min(rank + oversampling, most)
    var stream = RandomStream(seed: seed, keys: RandomStream.key("svd"))
    // The basis of the range as rows, Qᵀ, which are contiguous in every step.
    var basis = OrthonormalRows.of(
      Product.multiply(stream.normal([samples, columns]), matrix, transposed: .second))
    for _ in 0..<(samples < most ? iterations : 1) {
      let across = OrthonormalRows.of(Product.multiply(basis, matrix))
      basis = OrthonormalRows.of(Product.multiply(across, matrix, transposed: .second))
    }
    let part = Product.multiply(basis, matrix)
    let eigen = SymmetricEigen(Self.gram(part), size: samples)
    singularValues = eigen.values.prefix(rank).map { Float(max($0, 0).squareRoot()) }
    let turn = Tensor(eigen.vectors.prefix(rank * samples).map { Float($0) }, shape: [rank, samples])
    left = Product.multiply(turn, basis)
    right = Product.multiply(turn, part)
    relativeError = Self.error(of: left, right, matrix)
  }

  /// The factors U·√Σ `[rows, rank]` and √Σ·Vᵀ `[rank, columns]`.
  package var factors: (down: Tensor, up: Tensor) {
    let (rank, rows, columns) = (left.shape[0], left.shape[1], right.shape[1])
    var down = Tensor(uninitialized: [rows, rank])
    var up = right
    left.withUnsafePointer { left in
      down.withUnsafeMutablePointer { down in
        up.withUnsafeMutablePointer { up in
          for k in 0..<rank {
            let root = singularValues[k].squareRoot()
            for row in 0..<rows { down[row * rank + k] = left[k * rows + row] * root }
            guard root > 0 else { continue }
            for column in 0..<columns { up[k * columns + column] /= root }
          }
        }
      }
    }
    return (down, up)
  }

  /// B·Bᵀ in double; its rounding limits how small a singular value can be resolved.
  private static func gram(_ part: Tensor) -> [Double] {
    let (rows, columns) = (part.shape[0], part.shape[1])
    var result = [Double](repeating: 0, count: rows * rows)
    part.withUnsafePointer { part in
      result.withUnsafeMutableBufferPointer { result in
        guard let result = result.baseAddress else { return }
        nonisolated(unsafe) let target = result
        ThreadPool.current.parallel(rows) { i in
          for j in 0...i {
            let sum = kernel_dot(part + i * columns, part + j * columns, Int64(columns))
            target[i * rows + j] = sum
            target[j * rows + i] = sum
          }
        }
      }
    }
    return result
  }

  /// ‖A − left·right‖ / ‖A‖, computed 1,024 rows at a time.
  private static func error(of left: Tensor, _ right: Tensor, _ matrix: Tensor) -> Double {
    let rows = matrix.shape[0]
    var squares = 0.0
    for first in stride(from: 0, to: rows, by: 1024) {
      let range = first..<min(rows, first + 1024)
      var rest = Rows.gathered(matrix, order: Array(range))
      let product = Product.multiply(Concatenation.columns(range, of: left), right, transposed: .first)
      Elementwise.add(product, times: -1, to: &rest)
      squares += Elementwise.sumOfSquares(rest)
    }
    let whole = Elementwise.sumOfSquares(matrix)
    return whole > 0 ? (squares / whole).squareRoot() : 0
  }
}
