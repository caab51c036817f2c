internal import Tensors

/// The quadratic assignment test of a slope: the same Δ with the domains of the distances permuted.
///
/// Source: L. Hubert, J. Schultz, "Quadratic assignment as a general data analysis strategy", 1976.
package enum QuadraticAssignment {
  /// The number of permutations that are drawn at random if there are more.
  static let limit = 5040

  /// The share of permutations of the domains whose |β| is at least that of the identity, which counts too.
  ///
  /// Pairs of a domain with itself are excluded: no permutation changes their distance of 0.
  /// - Returns: nil where the pairs do not determine a slope.
  package static func p(of effects: PairEffects, seed: UInt64 = 1) -> Double? {
    let effects = effects.filtered { $0.source != $0.target }
    guard let observed = Slope.estimate(of: effects) else { return nil }
    let domains = effects.domains
    var (reached, counted) = (0, 0)
    for order in orders(of: domains, seed: seed) {
      var moved = effects
      for (i, a) in domains.enumerated() {
        for (j, b) in domains.enumerated() { moved.distances[a][b] = effects.distances[order[i]][order[j]] }
      }
      guard let slope = Slope.estimate(of: moved) else { continue }
      counted += 1
      if abs(slope) >= abs(observed) * (1 - 1e-9) { reached += 1 }
    }
    return Double(reached) / Double(counted)
  }

  /// Every permutation of some domains, or the identity and random ones.
  private static func orders(of domains: [Int], seed: UInt64) -> [[Int]] {
    guard (1...max(domains.count, 1)).reduce(1, { min($0 * $1, limit + 1) }) > limit else {
      return permutations(of: domains)
    }
    var random = RandomStream(seed: seed, keys: RandomStream.key("QAP"))
    return [domains]
      + (1..<limit).map { _ in random.permutation(of: domains.count).map { domains[$0] } }
  }

  private static func permutations(of values: [Int]) -> [[Int]] {
    guard values.count > 1 else { return [values] }
    return values.indices.flatMap { index in
      var rest = values
      let first = rest.remove(at: index)
      return permutations(of: rest).map { [first] + $0 }
    }
  }
}
