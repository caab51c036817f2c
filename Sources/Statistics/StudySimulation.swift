internal import Tensors

#if canImport(Glibc)
  internal import Glibc
#endif

/// Simulated studies with known true effects, to measure how often the verdict is right.
package struct StudySimulation: Sendable {
  /// What Δ truly is: `constant` + `slope` · distance, with what spreads it.
  package struct Truth: Sendable, Equatable {
    /// The truth in words, for tables.
    package var name: String
    /// Δ at distance 0.
    package var constant = 0.0
    /// The true slope of Δ over distance.
    package var slope = 0.0
    /// The standard deviation of Δ between targets.
    package var targetSpread = 0.0
    /// The standard deviation of the slope between targets.
    package var slopeSpread = 0.0
    /// The standard deviation between pairs.
    package var pairSpread = 0.0

    /// The truths that the rule is required to handle: none, constant, rising, falling, each with and without a spread of
    /// 2 points between targets.
    package static let demanded = [0, 0.02].flatMap { spread in
      let suffix = spread > 0 ? ", targets spread" : ""
      return [
        Truth(name: "Δ = 0" + suffix, targetSpread: spread),
        Truth(name: "Δ = 2 points" + suffix, constant: 0.02, targetSpread: spread),
        Truth(name: "slope up" + suffix, slope: 0.03, targetSpread: spread),
        Truth(name: "slope down" + suffix, slope: -0.03, targetSpread: spread),
      ]
    }

    /// Harder truths, to find out where the rule breaks.
    package static let harder = [
      Truth(name: "Δ = 0, pairs spread", targetSpread: 0.02, pairSpread: 0.02),
      Truth(name: "Δ = 0, slopes spread", targetSpread: 0.02, slopeSpread: 0.03),
      Truth(name: "slope up, slopes spread", slope: 0.03, targetSpread: 0.02, slopeSpread: 0.03),
    ]
  }

  /// How often the rule was right, as shares of studies.
  package struct Score: Sendable, Equatable {
    /// The number that shares are of.
    package var studies = 0
    /// The share of β's intervals that cover the true slope.
    package var covered = 0.0
    /// The same without pairs of a domain with itself.
    package var coveredBetweenDomains = 0.0
    /// The same again with intervals that come from leaving out domains in place of targets.
    package var coveredLeavingOutDomains = 0.0
    /// Share with the verdict *supported*.
    package var supported = 0.0
    /// Share with the verdict *contradicted*.
    package var contradicted = 0.0
    /// Share of pairs' intervals that hold Δ.
    package var pairsCovered = 0.0
    /// Mean half-width of β's interval.
    package var halfWidth = 0.0
  }

  /// The number of domains, each both source and target.
  package var domains: Int
  /// The seeds of each pair.
  package var seeds: Int
  /// What Δ truly is.
  package var truth: Truth
  /// The standard deviation of Δ between seeds: of a pair, and of a source's and a target's part that its pairs share.
  package var pairNoise = 0.02
  /// The standard deviation of a source's and of a target's part.
  package var sharedNoise = 0.01

  /// Studies of so many domains and seeds.
  package init(domains: Int, seeds: Int = 5, truth: Truth) {
    (self.domains, self.seeds, self.truth) = (domains, seeds, truth)
  }

  /// Scores a number of studies, each with its own positions, spreads and seeds.
  package func score(studies: Int, seed: UInt64 = 1) -> Score {
    var score = Score(studies: studies)
    let share = 1 / Double(studies)
    for index in 0..<studies {
      var random = RandomStream(seed: seed, keys: UInt64(domains), RandomStream.key(truth.name), UInt64(index))
      let (effects, means) = study(&random)
      let between = effects.filtered { $0.source != $0.target }
      let slope = Slope(effects)
      let outcome = Verdict.outcome(
        slope: slope, thirds: Verdict.thirds(of: effects), domains: domains, seeds: seeds)
      if outcome == .supported { score.supported += share }
      if outcome == .contradicted { score.contradicted += share }
      if let interval = slope?.interval {
        if interval.holds(truth.slope) { score.covered += share }
        score.halfWidth += share * interval.halfWidth
      }
      if Slope(between)?.interval.holds(truth.slope) ?? false { score.coveredBetweenDomains += share }
      if Slope(between, leavingOut: .domain)?.interval.holds(truth.slope) ?? false {
        score.coveredLeavingOutDomains += share
      }
      for (pair, mean) in zip(effects.pairs, means) where Interval(mean: pair.effects)?.holds(mean) ?? false {
        score.pairsCovered += share / Double(means.count)
      }
    }
    return score
  }

  /// The half-widths of the intervals of all pairs of one study.
  func pairHalfWidths(seed: UInt64) -> [Double] {
    var random = RandomStream(seed: seed, keys: UInt64(domains), RandomStream.key(truth.name))
    return study(&random).0.pairs.compactMap { Interval(mean: $0.effects)?.halfWidth }
  }

  /// One study, with the true Δ of its pairs.
  private func study(_ random: inout RandomStream) -> (PairEffects, means: [Double]) {
    func normal(_ deviation: Double) -> Double { deviation * Double(random.normal()) }
    func normals(_ deviation: Double) -> [Double] { (0..<domains).map { _ in normal(deviation) } }
    let distances = Self.distances(between: (0..<domains).map { _ in (0..<3).map { _ in normal(1) } })
    let (sourceParts, targetParts) = (normals(0.01), normals(truth.targetSpread))
    let slopes = normals(truth.slopeSpread).map { truth.slope + $0 }
    let seedParts = (0..<seeds).map { _ in (source: normals(sharedNoise), target: normals(sharedNoise)) }
    var pairs: [PairEffects.Pair] = []
    var means: [Double] = []
    for source in 0..<domains {
      for target in 0..<domains {
        let mean =
          truth.constant + slopes[target] * distances[source][target] + sourceParts[source] + targetParts[target]
          + normal(truth.pairSpread)
        means.append(mean)
        pairs.append(
          PairEffects.Pair(
            source: source, target: target,
            effects: seedParts.map { $0.source[source] + $0.target[target] + mean + normal(pairNoise) }))
      }
    }
    return (PairEffects(pairs: pairs, distances: distances), means)
  }

  /// Distances that saturate as MMD² does: 1 − exp(−r² / median r²) of points in space.
  private static func distances(between points: [[Double]]) -> [[Double]] {
    let squares = points.map { a in
      points.map { b in zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } }
    }
    let sorted = squares.indices.flatMap { i in squares[i].indices.filter { $0 > i }.map { squares[i][$0] } }.sorted()
    let median = sorted[sorted.count / 2]
    return squares.map { $0.map { 1 - exp(-$0 / median) } }
  }
}

extension Interval {
  fileprivate func holds(_ value: Double) -> Bool { lower <= value && value <= upper }
}
