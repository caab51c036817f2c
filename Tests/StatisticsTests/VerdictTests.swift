import Statistics
import Testing

@Suite struct VerdictTests {
  /// Domains on a line, Δ a function of distance with a little scatter that differs from pair to pair and seed to seed.
  private func effects(domains: Int, seeds: Int, _ delta: (Double) -> Double) -> PairEffects {
    let places = (0..<domains).map { Double($0 * $0) / 10 }
    let distances = places.map { a in places.map { abs(a - $0) } }
    var pairs: [PairEffects.Pair] = []
    for source in 0..<domains {
      for target in 0..<domains {
        let values = (0..<seeds).map { seed in
          delta(distances[source][target]) + 0.002 * Double((source * 7 + target * 3 + seed * 5) % 11 - 5)
        }
        pairs.append(PairEffects.Pair(source: source, target: target, effects: values))
      }
    }
    return PairEffects(pairs: pairs, distances: distances)
  }

  @Test func theRuleReadsSlopeAndFarthestPairs() {
    #expect(Verdict(effects(domains: 5, seeds: 5) { 0.1 * $0 }).outcome == .supported)
    #expect(Verdict(effects(domains: 5, seeds: 5) { -0.1 * $0 }).outcome == .contradicted)
    #expect(Verdict(effects(domains: 5, seeds: 5) { _ in 0.2 }).outcome == .inconclusive)
    // Rising, but still below 0 where it is farthest.
    #expect(Verdict(effects(domains: 5, seeds: 5) { 0.1 * $0 - 0.5 }).outcome == .inconclusive)
  }

  @Test func fewDomainsOrSeedsCarryNoVerdict() {
    #expect(Verdict(effects(domains: 4, seeds: 5) { 0.1 * $0 }).outcome == .demonstration)
    #expect(Verdict(effects(domains: 5, seeds: 4) { 0.1 * $0 }).outcome == .demonstration)
  }

  @Test func thirdsGoFromNearToFar() throws {
    let verdict = Verdict(effects(domains: 6, seeds: 5) { 0.1 * $0 })
    #expect(verdict.thirds.count == 3)
    let bounds = verdict.thirds.map(\.distances)
    #expect(bounds[0].lowerBound == 0 && bounds[0].upperBound <= bounds[1].lowerBound)
    #expect(bounds[1].upperBound <= bounds[2].lowerBound && bounds[2].upperBound == 2.5)
    #expect(verdict.thirds.allSatisfy { $0.adjustedP >= $0.interval.p })
  }

  @Test func theRequirementIsGivenWhenTheIntervalIsTooWide() throws {
    let noisy = effects(domains: 5, seeds: 5) { 0.02 * $0 }
    let loose = try #require(Verdict(noisy, width: 1).requirement)
    #expect(loose.seeds == 5 && loose.domains == 5)
    let tight = try #require(Verdict(noisy, width: loose.present / 2).requirement)
    let domains = try #require(tight.domains)
    #expect(domains > 5)
    #expect(tight.seeds.map { $0 > 5 } ?? true)
  }

  /// `make simulate` makes a thousand studies a truth; here 200, within three standard errors.
  @Test(arguments: StudySimulation.Truth.demanded)
  func theRuleIsRightOftenEnough(of truth: StudySimulation.Truth) {
    let studies = 200
    func margin(_ share: Double) -> Double { 3 * (share * (1 - share) / Double(studies)).squareRoot() }
    let score = StudySimulation(domains: 6, truth: truth).score(studies: studies)
    #expect(abs(score.covered - 0.95) <= 0.02 + margin(0.95))
    #expect(abs(score.pairsCovered - 0.95) <= 0.02)
    if truth.slope == 0 {
      #expect(score.supported + score.contradicted <= 0.05 + margin(0.05))
    } else {
      #expect((truth.slope > 0 ? score.contradicted : score.supported) <= 0.01)
      #expect((truth.slope > 0 ? score.supported : score.contradicted) > 0.5)
    }
  }
}
