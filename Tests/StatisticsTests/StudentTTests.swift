import Statistics
import Testing

@Suite struct StudentTTests {
  private let golden: GoldenStatistics

  init() throws { golden = try GoldenStatistics() }

  @Test func probabilitiesAndQuantilesAreScipys() {
    for one in golden.t {
      let distribution = StudentT(degreesOfFreedom: one.df)
      let tail = distribution.twoSidedP(one.t) / 2
      #expect(isNear(one.t > 0 ? 1 - tail : tail, one.cdf), "cdf of \(one)")
      // Relative, far into the tail.
      #expect(abs(distribution.twoSidedP(one.t) / one.twoSidedP - 1) < 1e-10, "p of \(one)")
    }
    for one in golden.quantiles {
      #expect(isNear(StudentT(degreesOfFreedom: one.df).quantile(one.p), one.t), "quantile of \(one)")
    }
  }
}
