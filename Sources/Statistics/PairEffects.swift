/// Δ of ordered pairs of domains, one value per seed, with the distances between all domains.
package struct PairEffects: Sendable, Equatable {
  /// A pair of source and target; a domain with itself uses the domain's own unused images.
  package struct Pair: Sendable, Equatable {
    /// The domain of pretraining, a row of `distances`.
    package var source: Int
    /// The domain of fine-tuning, a column of `distances`.
    package var target: Int
    /// Δ by seed, the same seeds in the same order for every pair.
    package var effects: [Double]

    /// A pair with its effects.
    package init(source: Int, target: Int, effects: [Double]) {
      (self.source, self.target, self.effects) = (source, target, effects)
    }

    /// The mean over seeds; 0 without any.
    package var mean: Double { effects.reduce(0, +) / Double(max(effects.count, 1)) }
  }

  /// The pairs, in any order, each once.
  package var pairs: [Pair]
  /// The distances by source and target; 0 on the diagonal.
  package var distances: [[Double]]

  /// Effects beside distances.
  package init(pairs: [Pair], distances: [[Double]]) {
    (self.pairs, self.distances) = (pairs, distances)
  }

  /// The distance of its source and its target.
  package func distance(of pair: Pair) -> Double { distances[pair.source][pair.target] }

  /// Domains in any pair.
  package var domains: [Int] { Set(pairs.flatMap { [$0.source, $0.target] }).sorted() }
  /// Domains that are some pair's target.
  package var targets: [Int] { Set(pairs.map(\.target)).sorted() }
  /// Domains that are some pair's source.
  package var sources: [Int] { Set(pairs.map(\.source)).sorted() }
  /// Seeds that every pair has.
  package var seeds: Int { pairs.map(\.effects.count).min() ?? 0 }

  /// The pairs that satisfy a condition.
  package func filtered(_ condition: (Pair) -> Bool) -> PairEffects {
    PairEffects(pairs: pairs.filter(condition), distances: distances)
  }
}
