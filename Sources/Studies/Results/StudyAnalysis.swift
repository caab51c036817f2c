/// The numbers that a study's claims rest on.
package struct StudyAnalysis: Sendable {
  /// A pair of domains.
  package struct Pair: Sendable {
    package var source: String
    package var target: String
    /// Δ by seed.
    package var effects: [Double]
    package var interval: Interval?
    /// Of Δ ≠ 0, by Holm over the source's targets.
    package var adjustedP: Double?
    /// [first − second] pretrained, and from scratch.
    package var pretrained: Estimate?
    package var scratch: Estimate?
    package var gains: [Interval?]
    /// Whether some arm gains over scratch by more than its interval; else there is nothing to protect.
    package var isTransfer: Bool
    package var distance: DomainDistances.Pair?
  }

  /// A question about the mechanism: one arm less another, over all pairs and seeds.
  package struct Contrast: Sendable {
    package var name: String
    package var arm: String
    package var other: String
    package var interval: Interval
    package var adjustedP: Double
  }

  package let results: StudyResults
  /// The arms that Δ compares; nil with one arm.
  package let arms: (first: String, second: String)?
  /// The training size of the primary analysis; nil as `finetuning` says.
  package let size: Int?
  package let pairs: [Pair]
  package let contrasts: [Contrast]
  /// nil without Δ or distances.
  package let verdict: Verdict?

  /// The mechanism's questions, where a study has the arms.
  static let mechanisms = [
    ("pretraining", "fc", "fc-random"), ("capacity", "fc-random", "gap-cut"), ("wiring", "fc", "fc-permuted"),
    ("layout", "flatten", "gap-cut"), ("non-linearity", "fc", "fc-linear"),
  ]

  package init(_ results: StudyResults) {
    let study = results.study
    self.results = results
    size = study.sizes.max()
    let own = study.arms.filter { $0.pretrained == nil }.map(\.name)
    arms = own.count >= 2 ? (own[0], own[1]) : nil
    var pairs: [Pair] = []
    if let arms {
      for source in study.sources.map(\.name) {
        var row = study.targets.map { Self.pair(results, arms, from: source, on: $0.name, size: study.sizes.max()) }
        let adjusted = Holm.adjusted(row.compactMap { $0.interval?.p })
        var next = adjusted.makeIterator()
        for index in row.indices where row[index].interval != nil { row[index].adjustedP = next.next() }
        pairs += row
      }
    }
    self.pairs = pairs
    contrasts = Self.contrasts(of: results, size: size)
    verdict = Self.verdict(of: pairs, study: study, distances: results.distances)
  }

  private static func pair(
    _ results: StudyResults, _ arms: (first: String, second: String), from source: String, on target: String, size: Int?
  ) -> Pair {
    let first = StudyResults.Condition(arms.first, from: source, on: target, size: size)
    let second = StudyResults.Condition(arms.second, from: source, on: target, size: size)
    let effects = results.effects(of: arms.first, over: arms.second, from: source, on: target, size: size)
    let gains = [first, second].map { Interval(mean: results.gains(of: $0)) }
    let scratch = results.scratch(of: first).flatMap { a in
      results.scratch(of: second).map { results.differences(a, $0) }
    }
    return Pair(
      source: source, target: target, effects: effects, interval: Interval(mean: effects),
      pretrained: Estimate(results.differences(first, second)), scratch: scratch.flatMap { Estimate($0) },
      gains: gains, isTransfer: gains.contains { ($0?.lower ?? 0) > 0 }, distance: results.distances?[source, target])
  }

  /// Over pairs first, then over seeds: seeds are what is repeated.
  private static func contrasts(of results: StudyResults, size: Int?) -> [Contrast] {
    let study = results.study
    let names = Set(study.arms.map(\.name))
    var found: [(String, String, String, Interval)] = []
    for (name, arm, other) in mechanisms where names.isSuperset(of: [arm, other]) {
      let means = study.seeds.compactMap { seed -> Double? in
        var values: [Double] = []
        for source in study.sources {
          for target in study.targets {
            guard
              let a = results.accuracy(.init(arm, from: source.name, on: target.name, size: size), seed: seed),
              let b = results.accuracy(.init(other, from: source.name, on: target.name, size: size), seed: seed)
            else { return nil }
            values.append(a - b)
          }
        }
        return Estimate(values)?.mean
      }
      if let interval = Interval(mean: means) { found.append((name, arm, other, interval)) }
    }
    let adjusted = Holm.adjusted(found.map(\.3.p))
    return zip(found, adjusted).map { one, p in
      Contrast(name: one.0, arm: one.1, other: one.2, interval: one.3, adjustedP: p)
    }
  }

  /// The verdict on pairs whose Δ every seed has, without targets that have nothing to protect.
  private static func verdict(of pairs: [Pair], study: Study, distances: DomainDistances?) -> Verdict? {
    guard let distances else { return nil }
    let names = study.domains.map(\.name)
    let matrix = names.map { a in names.map { distances[a, $0]?.discrepancy ?? 0 } }
    let used = pairs.filter { $0.effects.count == study.seeds.count && $0.isTransfer }.compactMap { pair in
      names.firstIndex(of: pair.source).flatMap { source in
        names.firstIndex(of: pair.target).map {
          PairEffects.Pair(source: source, target: $0, effects: pair.effects)
        }
      }
    }
    return used.isEmpty ? nil : Verdict(PairEffects(pairs: used, distances: matrix))
  }
}
