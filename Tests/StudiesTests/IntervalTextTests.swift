import Statistics
import Studies
import Testing

/// How estimates are written in tables.
@Suite struct IntervalTextTests {
  @Test func estimatesArePercentages() throws {
    let estimate = try #require(Estimate([0.90, 0.94, 0.92]))
    #expect(estimate.percent() == "92.0 ± 1.2")
    #expect(estimate.percent(signed: true) == "+92.0 ± 1.2")
    // t(0.975; 2) = 4.303, times 1.155.
    #expect(Interval(mean: [0.90, 0.94, 0.92])?.points == "+92.0 (+87.0 to +97.0)")
  }

  @Test func aRequirementIsASentence() {
    let loose = Requirement(wanted: 0.02, present: 0.01, seeds: 5, domains: 5)
    #expect(loose.text.hasSuffix("is known to ± 1.0 points; ± 2.0 was wanted."))
    let tight = Requirement(wanted: 0.02, present: 0.04, seeds: nil, domains: 8)
    #expect(tight.text.hasSuffix("would take about 8 domains at these seeds, or no number of seeds at these domains."))
  }
}
