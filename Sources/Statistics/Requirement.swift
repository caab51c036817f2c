/// The seeds or domains that an interval of a wanted width would need, estimated from this study.
package struct Requirement: Sendable, Equatable {
  /// Half-widths of the change of Δ from the nearest to the farthest pair, in accuracy.
  package var wanted: Double
  /// The half-width that the study has.
  package var present: Double
  /// The required seeds at the present domains; nil if no number of seeds is enough.
  package var seeds: Int?
  /// The required domains at the present seeds; nil above a hundred.
  package var domains: Int?

  /// A requirement that is known.
  package init(wanted: Double, present: Double, seeds: Int?, domains: Int?) {
    (self.wanted, self.present, self.seeds, self.domains) = (wanted, present, seeds, domains)
  }

  /// Takes apart the slope's variance: what seeds scatter falls with seeds and with pairs, the rest with domains alone.
  ///
  /// s²(n, D) = (s² − v/n₀)·D₀/D + v/n·(D₀/D)², v the variance of slopes between seeds, n₀ and D₀ the present numbers.
  init?(_ effects: PairEffects, slope: Slope, width: Double) {
    let bySeed = Slope.estimatesBySeed(of: effects)
    guard let seedError = Estimate(bySeed)?.standardError else { return nil }
    let distances = effects.pairs.map(effects.distance)
    let span = (distances.max() ?? 0) - (distances.min() ?? 0)
    wanted = width
    present = slope.interval.halfWidth * span
    let (seeds, targets) = (Double(bySeed.count), Double(effects.targets.count))
    let fromSeeds = min(seedError * seedError, slope.interval.standardError * slope.interval.standardError)
    let fromDomains = slope.interval.standardError * slope.interval.standardError - fromSeeds
    func halfWidth(seeds count: Double, domains: Double) -> Double {
      let share = targets / domains
      let variance = fromDomains * share + fromSeeds * seeds / count * share * share
      return span
        * Interval(estimate: 0, standardError: variance.squareRoot(), degreesOfFreedom: domains - 1).halfWidth
    }
    self.seeds = (bySeed.count...1000).first { halfWidth(seeds: Double($0), domains: targets) <= width }
    domains = (effects.targets.count...100).first { halfWidth(seeds: seeds, domains: Double($0)) <= width }
  }
}
