package import Statistics

/// The numbers that a study's claims rest on.
package struct StudyAnalysis: Sendable {
  /// A pair of domains.
  package struct Pair: Sendable {
    /// The domain of pretraining.
    package var source: String
    /// The domain of fine-tuning.
    package var target: String
    /// Δ by seed.
    package var effects: [Double]
    /// The interval of Δ over seeds; nil for fewer than two.
    package var interval: Interval?
    /// The p value of Δ ≠ 0, by Holm over the source's targets.
    package var adjustedP: Double?
    /// [first − second] pretrained, and from scratch.
    package var pretrained: Estimate?
    /// [first − second] from scratch.
    package var scratch: Estimate?
    /// The gain of each of the two arms by pretraining, over scratch.
    package var gains: [Interval?]
    /// Whether some arm gains significantly over scratch; otherwise there is nothing to protect.
    package var isTransfer: Bool
    /// The distance between the domains; nil if it was not measured.
    package var distance: DomainDistances.Pair?
    /// The task distance −LEEP, in nats; nil if it was not measured.
    package var taskDistance: Double?
  }

  /// The analyzed results.
  package let results: StudyResults
  /// The arms that Δ compares; nil with one arm.
  package let arms: (first: String, second: String)?
  /// The training size of the primary analysis; nil is the value of `finetuning`.
  package let size: Int?
  /// Every source with every target; empty with one arm.
  package let pairs: [Pair]
  /// The contrasts of the mechanisms that the study has both kinds of head for.
  package let contrasts: [Contrast]
  /// The arm that represents each kind of head in the contrasts.
  package let armsByKind: ArmsByKind
  /// The verdict; nil without Δ or distances.
  package let verdict: Verdict?
  /// The slope over all pairs, those on which there is nothing to protect too; exploratory. nil where none are left out.
  package let slopeOfAllPairs: Slope?
  /// Slopes over the second descriptor and over task distance, where these determine one.
  package let otherSlopes: [OtherSlope]
  /// The measured drift of each arm from its source models.
  package let drifts: [DriftSummary]
  /// The first arm's drifts minus the second's: a firewall should show less drift below it.
  package let driftContrasts: [DriftSummary.Contrast]

  /// Derives everything from the results.
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
    armsByKind = ArmsByKind(results)
    contrasts = Self.contrasts(of: results, armsByKind, size: size)
    let distances = results.distances
    let effects = distances.flatMap { distances in
      Self.effects(of: pairs, study: study) { distances[$0, $1]?.discrepancy ?? 0 }
    }
    verdict = effects.map { Verdict($0) }
    let all = distances.flatMap { distances in
      Self.effects(of: pairs, study: study, includingAll: true) { distances[$0, $1]?.discrepancy ?? 0 }
    }
    slopeOfAllPairs = all?.pairs.count == effects?.pairs.count ? nil : all.flatMap { Slope($0) }
    otherSlopes = Self.otherSlopes(of: pairs, results)
    drifts = study.arms.compactMap { DriftSummary($0.name, results, size: study.sizes.max()) }
    driftContrasts =
      arms.map { DriftSummary.contrasts($0.first, $0.second, results, size: study.sizes.max()) } ?? []
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
}
