import Statistics
import Testing

@Suite struct StudySimulationPowerTests {
  /// The growth that is found is told in four of five studies, and half of it is not.
  @Test func theSmallestSlopeIsToldInEightOfTen() throws {
    let slope = try #require(StudySimulation.smallestSlope(domains: 6, seeds: 5))
    var truth = try #require(StudySimulation.Truth.demanded.first { $0.name == "Δ = 0, targets spread" })
    func supported(_ slope: Double) -> Double {
      (truth.name, truth.slope) = ("other draws", slope)
      return StudySimulation(domains: 6, seeds: 5, truth: truth).score(studies: 400, seed: 7).supported
    }
    #expect((0.7...0.95).contains(supported(slope)), "\(slope)")
    #expect(supported(slope / 2) < 0.7)
    let larger = try #require(StudySimulation.smallestSlope(domains: 10, seeds: 5))
    #expect(larger < slope)
  }

  @Test func smallStudiesHaveNoVerdict() {
    #expect(StudySimulation.smallestSlope(domains: 4, seeds: 5) == nil)
    #expect(StudySimulation.smallestSlope(domains: 6, seeds: 4) == nil)
    #expect(StudySimulation.pairHalfWidth(seeds: 1) == nil)
  }

  /// A pair's Δ has the variance 2 · 0.01² + 0.02² at each seed. The half-width is t · s / √n, and the mean of s over samples
  /// is c₄ times the deviation: 4.3027 · 0.8862 · 0.024495 / √3 at three seeds and 2.7764 · 0.9400 · 0.024495 / √5 at five.
  @Test(arguments: [(3, 0.05393), (5, 0.02859)]) func theIntervalOfOnePairIsAsWideAsStudentSays(
    seeds: Int, expected: Double
  ) throws {
    let width = try #require(StudySimulation.pairHalfWidth(seeds: seeds))
    #expect(abs(width - expected) < 0.04 * expected, "\(width)")
  }
}
