import Statistics
import Testing

@Suite struct SlopeTests {
  private let golden: GoldenStatistics

  init() throws { golden = try GoldenStatistics() }

  @Test func slopesAreStatsmodels() throws {
    #expect(golden.slopes.count == 3)
    for one in golden.slopes {
      let slope = try #require(Slope(one.pairEffects))
      #expect(isNear(slope.estimate, one.estimate, 1e-8), "\(one.name)")
      #expect(isNear(slope.interval.standardError, one.standardError, 1e-8), "\(one.name)")
      #expect(isNear(slope.interval.lower, one.lower, 1e-8) && isNear(slope.interval.upper, one.upper, 1e-8))
      #expect(QuadraticAssignment.p(of: one.pairEffects) == one.assignmentP, "\(one.name)")
    }
  }

  @Test func aSlopeNeedsMoreThanOneSource() {
    let oneSource = PairEffects(
      pairs: (0..<5).map { .init(source: 0, target: $0, effects: [0.1, 0.2]) },
      distances: (0..<5).map { i in (0..<5).map { Double(abs(i - $0)) } })
    #expect(Slope(oneSource) == nil)
    #expect(QuadraticAssignment.p(of: oneSource) == nil)
    #expect(Verdict(oneSource).outcome == .demonstration)
  }
}
