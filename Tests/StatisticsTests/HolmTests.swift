import Statistics
import Testing

@Suite struct HolmTests {
  private let golden: GoldenStatistics

  init() throws { golden = try GoldenStatistics() }

  @Test func adjustedValuesAreStatsmodels() {
    for family in golden.families {
      let adjusted = Holm.adjusted(family.p)
      #expect(zip(adjusted, family.adjusted).allSatisfy { isNear($0, $1) } && adjusted.count == family.p.count)
    }
    #expect(Holm.adjusted([]).isEmpty)
  }
}
