import Kernels
import Tensors
import TestSupport
import Testing

@Suite struct TruncatedSVDTests {
  var stream = RandomStream(seed: 21)

  /// U·diag(spectrum)·V of random orthonormal rows; its best error at rank k is known.
  private mutating func matrix(rows: Int, columns: Int, spectrum: [Float]) -> Tensor {
    let left = OrthonormalRows.of(stream.normal([spectrum.count, rows]))
    var right = OrthonormalRows.of(stream.normal([spectrum.count, columns]))
    for position in 0..<right.count { right[position] *= spectrum[position / columns] }
    return Product.multiply(left, right, transposed: .first)
  }

  private func error(of spectrum: [Float], at rank: Int) -> Double {
    func squares(_ values: ArraySlice<Float>) -> Double { values.reduce(0) { $0 + Double($1) * Double($1) } }
    return (squares(spectrum.dropFirst(rank)) / squares(spectrum[...])).squareRoot()
  }

  /// Fast, slow and stepped decay, tall and wide: values and error are those of the known spectrum.
  @Test(arguments: [0, 1, 2]) mutating func aKnownSpectrumIsFound(kind: Int) {
    let spectrum = (0..<60).map { k -> Float in
      switch kind {
      case 0: Float(1) / Float(1 << min(k, 20))
      case 1: 1 / Float(k + 1)
      default: k < 12 ? 3 : 0.5
      }
    }
    for (rows, columns) in [(300, 90), (70, 200)] {
      let matrix = matrix(rows: rows, columns: columns, spectrum: spectrum)
      for rank in [1, 8, 12, 40] {
        let svd = TruncatedSVD(matrix, rank: rank)
        let best = error(of: spectrum, at: rank)
        #expect(svd.relativeError <= 1.01 * best + 1e-6, "\(kind) \(rows) × \(columns) at \(rank)")
        #expect(svd.relativeError >= best - 1e-6)
        // A value in the midst of others as large is found less exactly than the subspace.
        for k in 0..<min(rank, 8) {
          #expect(abs(svd.singularValues[k] - spectrum[k]) <= 0.01 * spectrum[k] + 1e-6 * spectrum[0])
        }
        let (down, up) = svd.factors
        #expect(down.shape == [rows, svd.singularValues.count] && up.shape == [svd.singularValues.count, columns])
        var rest = matrix
        Elementwise.add(Product.multiply(down, up), times: -1, to: &rest)
        let relative = (Elementwise.sumOfSquares(rest) / Elementwise.sumOfSquares(matrix)).squareRoot()
        #expect(abs(relative - svd.relativeError) < 1e-5)
      }
    }
  }

  @Test mutating func fullRankIsExactToRounding() {
    for (rows, columns) in [(40, 25), (25, 40), (32, 32), (1, 5), (70, 65)] {
      let matrix = stream.normal([rows, columns])
      let svd = TruncatedSVD(matrix, rank: 1000)
      #expect(svd.singularValues.count == min(rows, columns))
      #expect(svd.relativeError < 2e-6, "\(rows) × \(columns): \(svd.relativeError)")
      let again = TruncatedSVD(matrix, rank: 1000, seed: 7)
      #expect(Tensor(svd.singularValues).distance(to: Tensor(again.singularValues)) < 1e-4)
    }
  }

  /// A matrix of lower rank than asked for, and one of zeros, have factors without NaN.
  @Test mutating func lessThanTheRankAskedFor() {
    let thin = matrix(rows: 50, columns: 40, spectrum: [2, 1, 0.5])
    let svd = TruncatedSVD(thin, rank: 10)
    #expect(svd.relativeError < 2e-6)
    #expect(svd.singularValues.dropFirst(3).allSatisfy { $0 < 1e-3 })
    let zeros = TruncatedSVD(Tensor(zeros: [6, 4]), rank: 2)
    #expect(zeros.relativeError == 0)
    #expect((zeros.factors.down.values + zeros.factors.up.values).allSatisfy { $0 == 0 })
    #expect((svd.factors.down.values + svd.factors.up.values).allSatisfy { $0.isFinite })
  }

}
