internal import Tensors

#if canImport(Glibc)
  internal import Glibc
#endif

/// Distances between two samples of descriptions.
package enum SampleDistance {
  /// Descriptions, all of one length.
  package typealias Sample = [[Double]]

  /// Squared Euclidean distance.
  static func square(_ a: [Double], _ b: [Double]) -> Double {
    var sum = 0.0
    for index in a.indices { sum += (a[index] - b[index]) * (a[index] - b[index]) }
    return sum
  }

  /// The median of squared distances over all samples together: 2σ² of the kernel for every pair.
  ///
  /// - Parameter limit: the number of pooled descriptions in use, evenly spread.
  package static func bandwidth(of samples: [Sample], limit: Int = 300) -> Double {
    let pooled = samples.flatMap { $0 }
    let step = max(1, pooled.count / limit)
    let chosen = stride(from: 0, to: pooled.count, by: step).map { pooled[$0] }
    let squares = chosen.indices.flatMap { i in (0..<i).map { square(chosen[i], chosen[$0]) } }.sorted()
    return squares.isEmpty ? 1 : max(squares[squares.count / 2], 1e-12)
  }

  /// Unbiased MMD² with the kernel exp(−r² / bandwidth), and the p value that both samples come from one distribution.
  ///
  /// Source: A. Gretton et al., "A kernel two-sample test", 2012, lemma 6; p by that many random permutations.
  package static func discrepancy(
    _ a: Sample, _ b: Sample, bandwidth: Double, permutations: Int = 199, seed: UInt64 = 1
  ) -> (square: Double, p: Double) {
    let pooled = a + b
    let count = pooled.count
    var kernel = [Double](repeating: 0, count: count * count)
    for i in 0..<count {
      for j in 0..<i {
        let value = exp(-square(pooled[i], pooled[j]) / bandwidth)
        kernel[i * count + j] = value
        kernel[j * count + i] = value
      }
    }
    // Signs: weights of a pair are ±; the diagonal is 0 and so left out.
    func statistic(_ isFirst: [Bool]) -> Double {
      let (n, m) = (Double(a.count), Double(b.count))
      var sums = (0.0, 0.0, 0.0)
      for i in 0..<count {
        var (same, other) = (0.0, 0.0)
        for j in 0..<i {
          if isFirst[i] == isFirst[j] { same += kernel[i * count + j] } else { other += kernel[i * count + j] }
        }
        if isFirst[i] { sums.0 += same } else { sums.1 += same }
        sums.2 += other
      }
      return 2 * sums.0 / (n * (n - 1)) + 2 * sums.1 / (m * (m - 1)) - 2 * sums.2 / (n * m)
    }
    let labels = (0..<count).map { $0 < a.count }
    let observed = statistic(labels)
    var random = RandomStream(seed: seed, keys: RandomStream.key("MMD"))
    var reached = 1
    for _ in 0..<permutations where statistic(random.permutation(of: count).map { labels[$0] }) >= observed {
      reached += 1
    }
    return (observed, Double(reached) / Double(permutations + 1))
  }

  /// The proxy A-distance 2(1 − 2ε), ε the error of a linear classifier that tells the samples apart; above 1.8 it says
  /// no more than "far" (Ben-David et al. 2007).
  ///
  /// Logistic regression by gradient descent on every second description, ε measured on the others.
  package static func proxy(_ a: Sample, _ b: Sample) -> Double {
    let labeled = a.map { (values: $0, sign: 1.0) } + b.map { (values: $0, sign: -1.0) }
    let known = labeled.indices.filter { $0 % 2 == 0 }.map { labeled[$0] }
    let unknown = labeled.indices.filter { $0 % 2 == 1 }.map { labeled[$0] }
    guard let width = known.first?.values.count, !unknown.isEmpty else { return 0 }
    var weights = [Double](repeating: 0, count: width)
    var bias = 0.0
    func score(_ values: [Double]) -> Double {
      var sum = bias
      for index in values.indices { sum += weights[index] * values[index] }
      return sum
    }
    for _ in 0..<200 {
      var gradient = [Double](repeating: 0, count: width)
      var shift = 0.0
      for one in known {
        let pull = one.sign / (1 + exp(one.sign * score(one.values)))
        for index in gradient.indices { gradient[index] += pull * one.values[index] }
        shift += pull
      }
      let rate = 10 / Double(known.count)
      for index in weights.indices { weights[index] += rate * gradient[index] - 1e-3 * weights[index] }
      bias += rate * shift
    }
    let errors = unknown.count { score($0.values) * $0.sign <= 0 }
    return max(0, 2 * (1 - 2 * Double(errors) / Double(unknown.count)))
  }
}
