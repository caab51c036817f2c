import Statistics
import Testing

@Suite struct EstimateTests {
  @Test func meanAndErrorByHand() throws {
    let estimate = try #require(Estimate([0.90, 0.94, 0.92]))
    #expect(abs(estimate.mean - 0.92) < 1e-12)
    // s² = (0.02² + 0.02²) / 2 = 0.0004; s / √3
    #expect(abs((estimate.standardError ?? 0) - 0.0115470) < 1e-6)
    #expect(Estimate([0.5])?.standardError == nil)
    #expect(Estimate([]) == nil)
  }
}
