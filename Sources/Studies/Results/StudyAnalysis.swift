package import Statistics

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
    /// −LEEP, in nats.
    package var taskDistance: Double?
  }

  /// A question about the mechanism: one arm less another, over all pairs and seeds; p by Holm over the questions.
  package struct Contrast: Sendable {
    package var name: String
    package var arm: String
    package var other: String
    package var interval: Interval
    package var adjustedP: Double
    /// Over the farthest third of pairs alone, where distances are known.
    package var far: (interval: Interval, adjustedP: Double)?
  }

  /// β over another axis than the primary descriptor's, of the same pairs; exploratory.
  package struct OtherSlope: Sendable {
    package enum Axis: Sendable, Equatable {
      case descriptor(Descriptor)
      /// −LEEP.
      case task

      package var label: String {
        switch self {
        case .descriptor(let descriptor): "Δ a unit of MMD² of \(descriptor.rawValue)"
        case .task: "Δ a nat of task distance"
        }
      }
    }

    package var axis: Axis
    package var slope: Slope
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
  package let otherSlopes: [OtherSlope]
  /// How far each arm moved from its source models, of those that were measured.
  package let movements: [MovementSummary]
  /// The first arm's movements less the second's: a firewall should show less drift below it.
  package let movementContrasts: [MovementSummary.Contrast]

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
        for (index, p) in Holm.adjusted(of: row.map(\.interval)).enumerated() { row[index].adjustedP = p }
        pairs += row
      }
    }
    self.pairs = pairs
    contrasts = Self.contrasts(of: results, size: size)
    let distances = results.distances
    let effects = distances.flatMap { distances in
      Self.effects(of: pairs, study: study) { distances[$0, $1]?.discrepancy ?? 0 }
    }
    verdict = effects.map { Verdict($0) }
    otherSlopes = Self.otherSlopes(of: pairs, results)
    movements = study.arms.compactMap { MovementSummary($0.name, results, size: study.sizes.max()) }
    movementContrasts =
      arms.map { MovementSummary.contrasts($0.first, $0.second, results, size: study.sizes.max()) } ?? []
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
      gains: gains, isTransfer: gains.contains { ($0?.lower ?? 0) > 0 }, distance: results.distances?[source, target],
      taskDistance: results.taskDistances?[source, target]?.distance)
  }

  private static func contrasts(of results: StudyResults, size: Int?) -> [Contrast] {
    let study = results.study
    let names = Set(study.arms.map(\.name))
    let questions = mechanisms.filter { names.isSuperset(of: [$0.1, $0.2]) }
    let far = farthestPairs(of: results)
    func intervals(_ isCounted: (PairMeans.Pair) -> Bool) -> [Interval?] {
      questions.map { _, arm, other in
        results.pairMeans { pair, seed in
          guard
            isCounted(pair),
            let a = results.accuracy(.init(arm, from: pair.source, on: pair.target, size: size), seed: seed),
            let b = results.accuracy(.init(other, from: pair.source, on: pair.target, size: size), seed: seed)
          else { return nil }
          return a - b
        }.interval
      }
    }
    let (all, distant) = (intervals { _ in true }, intervals { pair in far.contains { $0 == pair } })
    let (p, farP) = (Holm.adjusted(of: all), Holm.adjusted(of: distant))
    return questions.indices.compactMap { index in
      guard let interval = all[index], let adjusted = p[index] else { return nil }
      return Contrast(
        name: questions[index].0, arm: questions[index].1, other: questions[index].2, interval: interval,
        adjustedP: adjusted, far: distant[index].flatMap { far in farP[index].map { (far, $0) } })
    }
  }

  /// The farthest third of all pairs of a source and a target.
  private static func farthestPairs(of results: StudyResults) -> [PairMeans.Pair] {
    guard let distances = results.distances else { return [] }
    let study = results.study
    let all = study.sources.flatMap { source in study.targets.map { (source: source.name, target: $0.name) } }
    let known = all.compactMap { pair in distances[pair.source, pair.target].map { (pair, $0.discrepancy) } }
      .sorted { $0.1 < $1.1 }
    return known.suffix(from: known.count * (Verdict.parts - 1) / Verdict.parts).map(\.0)
  }

  /// The pairs that a verdict is on, those whose Δ every seed has, without targets that have nothing to protect, beside a
  /// distance by source and target; nil without any.
  private static func effects(
    of pairs: [Pair], study: Study, beside distance: (String, String) -> Double
  ) -> PairEffects? {
    let names = study.domains.map(\.name)
    let used = pairs.filter { $0.effects.count == study.seeds.count && $0.isTransfer }.compactMap { pair in
      names.firstIndex(of: pair.source).flatMap { source in
        names.firstIndex(of: pair.target).map {
          PairEffects.Pair(source: source, target: $0, effects: pair.effects)
        }
      }
    }
    guard !used.isEmpty else { return nil }
    return PairEffects(pairs: used, distances: names.map { a in names.map { distance(a, $0) } })
  }

  private static func otherSlopes(of pairs: [Pair], _ results: StudyResults) -> [OtherSlope] {
    let study = results.study
    func slope(_ axis: OtherSlope.Axis, _ distance: (Pair) -> Double?) -> OtherSlope? {
      let known = pairs.filter { distance($0) != nil }
      let effects = effects(of: known, study: study) { source, target in
        known.first { $0.source == source && $0.target == target }.flatMap(distance) ?? 0
      }
      return effects.flatMap { Slope($0) }.map { OtherSlope(axis: axis, slope: $0) }
    }
    let second = results.distances?.secondDescriptor.flatMap {
      slope(.descriptor($0)) { $0.distance?.second?.discrepancy }
    }
    return [second, slope(.task, \.taskDistance)].compactMap { $0 }
  }
}
