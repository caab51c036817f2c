import CKernels

/// Eigenvalues and eigenvectors of a symmetric matrix, in double.
///
/// Householder reflections make the matrix tridiagonal, implicit QL steps make it diagonal (Golub, Van Loan, Matrix
/// Computations, §8.3). Eigenvectors are stored as rows, so that every inner loop reads memory in order.
package struct SymmetricEigen: Sendable {
  /// The eigenvalues in descending order.
  package let values: [Double]
  /// The eigenvectors in the same order, `[size, size]`, one per row.
  package let vectors: [Double]

  /// Decomposes a matrix; traps if it does not converge, which only values that are not finite cause.
  ///
  /// - Parameter matrix: `[size, size]`; both triangles are read.
  package init(_ matrix: [Double], size: Int) {
    precondition(matrix.count == size * size, "SymmetricEigen: \(matrix.count) numbers for a size of \(size)")
    var reduced = matrix
    var rows = (0..<size * size).map { $0 / size == $0 % size ? 1.0 : 0 }
    var (diagonal, beside) = ([Double](repeating: 0, count: size), [Double](repeating: 0, count: size))
    reduced.withUnsafeMutableBufferPointer { a in
      rows.withUnsafeMutableBufferPointer { q in
        guard let a = a.baseAddress, let q = q.baseAddress else { return }
        Self.tridiagonalize(a, q, size)
        for i in 0..<size {
          diagonal[i] = a[i * size + i]
          if i + 1 < size { beside[i] = a[i * size + i + 1] }
        }
        Self.diagonalize(&diagonal, &beside, q, size)
      }
    }
    let order = diagonal.indices.sorted { (diagonal[$0], $1) > (diagonal[$1], $0) }
    values = order.map { diagonal[$0] }
    vectors = order.flatMap { rows[$0 * size..<($0 + 1) * size] }
  }

  /// A ← H·A·H and Q ← H·Q for each reflection H, until A is tridiagonal.
  private static func tridiagonalize(_ a: UnsafeMutablePointer<Double>, _ q: UnsafeMutablePointer<Double>, _ n: Int) {
    var v = [Double](repeating: 0, count: n)
    var p = [Double](repeating: 0, count: n)
    for k in 0..<max(0, n - 2) {
      let row = a + k * n
      let tail = (k + 1..<n).reduce(0.0) { $0 + row[$1] * row[$1] }
      let rest = tail - row[k + 1] * row[k + 1]
      guard rest > 0 else { continue }
      let target = row[k + 1] > 0 ? -tail.squareRoot() : tail.squareRoot()
      for i in k + 1..<n { v[i] = row[i] }
      v[k + 1] -= target
      let factor = 2 / (rest + v[k + 1] * v[k + 1])
      // p = factor·A·v − (factor/2)·(factor·vᵀAv)·v, then A ← A − v·pᵀ − p·vᵀ.
      var share = 0.0
      for i in k + 1..<n {
        let row = a + i * n
        var sum = 0.0
        for j in k + 1..<n { sum += row[j] * v[j] }
        p[i] = factor * sum
        share += p[i] * v[i]
      }
      for i in k + 1..<n { p[i] -= factor / 2 * share * v[i] }
      for i in k + 1..<n {
        let row = a + i * n
        let (vi, pi) = (v[i], p[i])
        for j in k + 1..<n { row[j] -= vi * p[j] + pi * v[j] }
      }
      row[k + 1] = target
      a[(k + 1) * n + k] = target
      for i in k + 2..<n { (row[i], a[i * n + k]) = (0, 0) }
      // Q ← Q − factor·v·(vᵀQ)
      for j in 0..<n { p[j] = 0 }
      for i in k + 1..<n {
        let (row, vi) = (q + i * n, v[i])
        for j in 0..<n { p[j] += vi * row[j] }
      }
      for i in k + 1..<n {
        let (row, vi) = (q + i * n, factor * v[i])
        for j in 0..<n { row[j] -= vi * p[j] }
      }
    }
  }

  /// Implicit QL steps with Wilkinson's shift on a tridiagonal matrix; each rotates two rows of `q`.
  private static func diagonalize(
    _ d: inout [Double], _ e: inout [Double], _ q: UnsafeMutablePointer<Double>, _ n: Int
  ) {
    for l in 0..<n {
      var steps = 0
      while true {
        // The block l…m, below which nothing couples.
        var m = l
        while m + 1 < n, abs(e[m]) > Double.ulpOfOne * (abs(d[m]) + abs(d[m + 1])) { m += 1 }
        if m == l { break }
        steps += 1
        precondition(steps <= 100, "SymmetricEigen: no convergence; the matrix has values that are not finite")
        let half = (d[l + 1] - d[l]) / (2 * e[l])
        let root = (half * half + 1).squareRoot()
        var g = d[m] - d[l] + e[l] / (half + (half < 0 ? -root : root))
        var (sine, cosine, shift) = (1.0, 1.0, 0.0)
        var i = m - 1
        var isSplit = false
        while i >= l {
          let (f, b) = (sine * e[i], cosine * e[i])
          let length = (f * f + g * g).squareRoot()
          e[i + 1] = length
          if length == 0 {
            d[i + 1] -= shift
            e[m] = 0
            isSplit = true
            break
          }
          (sine, cosine) = (f / length, g / length)
          g = d[i + 1] - shift
          let r = (d[i] - g) * sine + 2 * cosine * b
          shift = sine * r
          d[i + 1] = g + shift
          g = cosine * r - b
          kernel_rotate(cosine, sine, q + i * n, q + (i + 1) * n, Int64(n))
          i -= 1
        }
        if isSplit { continue }
        d[l] -= shift
        e[l] = g
        e[m] = 0
      }
    }
  }
}
