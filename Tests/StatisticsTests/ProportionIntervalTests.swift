import Foundation
import Statistics
import Testing

/// scipy's values, which Fixtures/make_proportions.py made.
struct GoldenProportions: Decodable {
  struct Interval: Decodable {
    var successes, trials: Int
    var lower, upper: Double
  }
  struct Temperature: Decodable {
    var name: String
    var logits: [[Float]]
    var labels: [Int]
    var temperature, before, after: Double
  }
  var intervals: [Interval]
  var temperatures: [Temperature]

  init() throws {
    let url = try #require(Bundle.module.resourceURL).appendingPathComponent("Fixtures/proportions.json")
    self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: url))
  }
}

@Suite struct ProportionIntervalTests {
  @Test func intervalsAreThoseOfSciPy() throws {
    let cases = try GoldenProportions().intervals
    #expect(cases.count == 12)
    for expected in cases {
      let found = try #require(ProportionInterval(expected.successes, of: expected.trials))
      #expect(abs(found.lower - expected.lower) < 1e-12, "\(expected)")
      #expect(abs(found.upper - expected.upper) < 1e-12, "\(expected)")
      // Unlike a standard error it is never empty.
      #expect(found.lower < found.upper)
    }
    #expect(ProportionInterval(10, of: 10)?.upper == 1 && ProportionInterval(0, of: 10)?.lower == 0)
    #expect(ProportionInterval(0, of: 0) == nil)
  }
}
