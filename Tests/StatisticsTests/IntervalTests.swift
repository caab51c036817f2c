import Statistics
import Testing

@Suite struct IntervalTests {
  private let golden: GoldenStatistics

  init() throws { golden = try GoldenStatistics() }

  @Test func pairedIntervals() throws {
    for one in golden.means {
      let interval = try #require(Interval(mean: one.values))
      #expect(isNear(interval.lower, one.lower) && isNear(interval.upper, one.upper) && isNear(interval.p, one.p))
    }
    #expect(Interval(mean: [0.1]) == nil)
    #expect(Interval(mean: [0.1, 0.1])?.p == 0)
    #expect(Interval(mean: [0, 0])?.p == 1)
  }
}
