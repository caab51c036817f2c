/// Δ of ordered pairs of domains, one value a seed, with the distances between all domains.
package struct PairEffects: Sendable, Equatable {
  /// From source to target; the same domain twice is a source's own unused images.
  package struct Pair: Sendable, Equatable {
    package var source: Int
    package var target: Int
    /// Δ by seed, the same seeds in the same order for every pair.
    package var effects: [Double]

    package init(source: Int, target: Int, effects: [Double]) {
      (self.source, self.target, self.effects) = (source, target, effects)
    }

    package var mean: Double { effects.reduce(0, +) / Double(max(effects.count, 1)) }
  }

  package var pairs: [Pair]
  /// By source and target; 0 on the diagonal.
  package var distances: [[Double]]

  package init(pairs: [Pair], distances: [[Double]]) {
    (self.pairs, self.distances) = (pairs, distances)
  }

  package func distance(of pair: Pair) -> Double { distances[pair.source][pair.target] }

  /// Domains that stand in any pair.
  package var domains: [Int] { Set(pairs.flatMap { [$0.source, $0.target] }).sorted() }
  package var targets: [Int] { Set(pairs.map(\.target)).sorted() }
  package var sources: [Int] { Set(pairs.map(\.source)).sorted() }
  /// Seeds that every pair has.
  package var seeds: Int { pairs.map(\.effects.count).min() ?? 0 }

  /// The pairs that satisfy a condition.
  package func filtered(_ condition: (Pair) -> Bool) -> PairEffects {
    PairEffects(pairs: pairs.filter(condition), distances: distances)
  }
}
