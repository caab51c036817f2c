/// The verdict on the claim that FC's advantage grows with distance.
package struct Verdict: Sendable, Equatable {
  /// The answer in a word.
  package enum Outcome: String, Sendable, Codable {
    case supported, contradicted, inconclusive
    /// Too few domains or seeds for any of the three.
    case demonstration
  }

  /// The minimum of domains for a verdict.
  package static let fewestDomains = 5
  /// The minimum of seeds for a verdict.
  package static let fewestSeeds = 5
  /// The part of pairs that counts as the farthest, and how many such parts share Holm's correction.
  package static let parts = 3
  /// The p below which a test counts: 0.05.
  package static let significance = 1 - Interval.level

  /// The answer of the rule.
  package var outcome: Outcome
  /// β; nil if the pairs do not determine it.
  package var slope: Slope?
  /// The slope without pairs of a domain with itself.
  package var slopeBetweenDomains: Slope?
  /// Mean Δ of the nearest, the middle and the farthest third of pairs, over seeds, with p by Holm.
  package var thirds: [Third]
  /// The p value of the slope by quadratic assignment.
  package var assignmentP: Double?
  /// Domains in any pair.
  package var domains: Int
  /// Seeds that every pair has.
  package var seeds: Int
  /// The requirement for an interval of a given width; nil if it is undefined.
  package var requirement: Requirement?

  /// Pairs of similar distance.
  package struct Third: Sendable, Equatable {
    /// The interval of the mean Δ over seeds.
    package var interval: Interval
    /// The p value of the mean Δ, by Holm over the thirds.
    package var adjustedP: Double
    /// The distances, from the nearest pair of the third to its farthest.
    package var distances: ClosedRange<Double>
  }

  /// Applies the rule.
  ///
  /// Supported: β's interval lies above 0, and so does the mean Δ of the farthest third of pairs (p by Holm over the
  /// thirds); contradicted: both below 0; else inconclusive. Below five domains or five seeds there is no verdict.
  /// - Parameter width: the half-width wanted of the change of Δ from the nearest to the farthest pair, in accuracy.
  package init(_ effects: PairEffects, width: Double = 0.02) {
    (domains, seeds) = (effects.domains.count, effects.seeds)
    slope = Slope(effects)
    slopeBetweenDomains = Slope(effects.filtered { $0.source != $0.target })
    thirds = Self.thirds(of: effects)
    assignmentP = QuadraticAssignment.p(of: effects)
    requirement = slope.flatMap { Requirement(effects, slope: $0, width: width) }
    outcome = Self.outcome(slope: slope, thirds: thirds, domains: domains, seeds: seeds)
  }

  /// The rule alone.
  static func outcome(slope: Slope?, thirds: [Third], domains: Int, seeds: Int) -> Outcome {
    guard domains >= fewestDomains, seeds >= fewestSeeds else { return .demonstration }
    guard let slope, let farthest = thirds.last, farthest.adjustedP < significance else { return .inconclusive }
    if slope.interval.lower > 0, farthest.interval.estimate > 0 { return .supported }
    if slope.interval.upper < 0, farthest.interval.estimate < 0 { return .contradicted }
    return .inconclusive
  }

  /// Pairs in the order of their distances, cut in three.
  static func thirds(of effects: PairEffects) -> [Third] {
    let pairs = effects.pairs.sorted { effects.distance(of: $0) < effects.distance(of: $1) }
    guard pairs.count >= parts, effects.seeds >= 2 else { return [] }
    let groups = (0..<parts).map { part in
      Array(pairs[pairs.count * part / parts..<pairs.count * (part + 1) / parts])
    }
    let intervals = groups.compactMap { group in
      Interval(
        mean: (0..<effects.seeds).map { seed in
          group.reduce(0) { $0 + $1.effects[seed] } / Double(group.count)
        })
    }
    let adjusted = Holm.adjusted(intervals.map(\.p))
    return zip(groups, zip(intervals, adjusted)).map { group, result in
      let distances = group.map(effects.distance)
      return Third(
        interval: result.0, adjustedP: result.1, distances: (distances.first ?? 0)...(distances.last ?? 0))
    }
  }
}
