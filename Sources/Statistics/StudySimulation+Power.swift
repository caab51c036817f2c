extension StudySimulation {
  /// The smallest growth of Δ over a distance of 1, about that of the farthest pairs, for which so many of the simulated
  /// studies are *supported*.
  ///
  /// - Parameters:
  ///   - domains: each a source and a target.
  ///   - seeds: of each study.
  ///   - power: the share of studies.
  ///   - studies: simulated for each growth that is tried.
  /// - Returns: accuracy per unit of distance, to a tenth of it; nil where no study of that size has a verdict, or none up to 1
  ///   is told.
  package static func smallestSlope(
    domains: Int, seeds: Int, power: Double = 0.8, studies: Int = 200
  ) -> Double? {
    guard domains >= Verdict.fewestDomains, seeds >= Verdict.fewestSeeds else { return nil }
    func isTold(_ slope: Double) -> Bool {
      let truth = Truth(name: "power", slope: slope, targetSpread: 0.02)
      return StudySimulation(domains: domains, seeds: seeds, truth: truth).score(studies: studies).supported >= power
    }
    var (low, high) = (0.005, 0.005)
    while !isTold(high) {
      low = high
      high *= 2
      guard high <= 1 else { return nil }
    }
    while high - low > 0.1 * high, high > 0.005 {
      let middle = (low + high) / 2
      if isTold(middle) { high = middle } else { low = middle }
    }
    return high
  }

  /// The mean half-width of the 95 % interval of Δ on one pair of domains; nil for one seed.
  package static func pairHalfWidth(seeds: Int, studies: Int = 400) -> Double? {
    guard seeds > 1 else { return nil }
    let simulation = StudySimulation(domains: 2, seeds: seeds, truth: Truth(name: "width"))
    let widths = (0..<studies).flatMap { index in
      simulation.pairHalfWidths(seed: UInt64(index))
    }
    return widths.reduce(0, +) / Double(widths.count)
  }
}
