package import Statistics

extension StudyAnalysis {
  /// A mechanism's contrast: one arm minus another, over all pairs and seeds; p by Holm over the mechanisms.
  package struct Contrast: Sendable {
    /// The mechanism's name.
    package var name: String
    /// The arm of the mechanism's first kind.
    package var arm: String
    /// The arm of the other kind.
    package var other: String
    /// `arm` minus `other`, in accuracy.
    package var interval: Interval
    /// The p value of the difference, by Holm over the mechanisms.
    package var adjustedP: Double
    /// The contrast over the farthest third of pairs alone; nil without distances.
    package var far: (interval: Interval, adjustedP: Double)?
  }

  /// Of the mechanisms that the study has both kinds of head for.
  static func contrasts(of results: StudyResults, _ arms: ArmsByKind, size: Int?) -> [Contrast] {
    let questions = Mechanism.all.compactMap { mechanism in
      arms[mechanism.kind].flatMap { arm in arms[mechanism.other].map { (mechanism.name, arm, $0) } }
    }
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
}
