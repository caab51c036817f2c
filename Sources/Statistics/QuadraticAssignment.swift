internal import Tensors

/// The test of a slope by quadratic assignment: the same Δ beside distances of domains that have changed places.
///
/// Source: L. Hubert, J. Schultz, "Quadratic assignment as a general data analysis strategy", 1976.
package enum QuadraticAssignment {
  /// Above so many orders, so many are drawn.
  static let limit = 5040

  /// The part of orders of the domains whose |β| is at least that of the true order; the true one counts.
  ///
  /// Pairs of a domain with itself are left out: no order moves them from distance 0.
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

  /// Every order of some domains, or the true one and random ones.
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
