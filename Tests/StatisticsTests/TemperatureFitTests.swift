import Foundation
import Statistics
import Testing

@Suite struct TemperatureFitTests {
  @Test func temperaturesAreThoseOfSciPy() throws {
    for expected in try GoldenProportions().temperatures {
      let fit = try #require(TemperatureFit(logits: expected.logits, labels: expected.labels))
      #expect(abs(fit.temperature - expected.temperature) < 1e-5 * expected.temperature, "\(expected.name): \(fit)")
      #expect(!fit.isAtLimit && fit.samples == expected.labels.count)
      func loss(_ temperature: Double) -> Double {
        let sum = zip(expected.logits, expected.labels).reduce(0.0) { sum, row in
          let scores = row.0.map { Double($0) / temperature }
          return sum + log(scores.map { exp($0) }.reduce(0, +)) - scores[row.1]
        }
        return sum / Double(expected.labels.count)
      }
      #expect(abs(loss(1) - expected.before) < 1e-9 && abs(loss(fit.temperature) - expected.after) < 1e-9)
    }
  }

  /// The loss of predictions that are all right, or no better than chance, falls for ever; what is not finite is left out.
  @Test func lossesWithoutAMinimumEndAtTheRange() throws {
    let right = try #require(TemperatureFit(logits: [[2, 1], [0, 3]], labels: [0, 1]))
    #expect(right.isAtLimit && right.temperature == TemperatureFit.range.lowerBound)
    let wrong = try #require(TemperatureFit(logits: [[2, 1], [0, 3]], labels: [1, 0]))
    #expect(wrong.isAtLimit && wrong.temperature == TemperatureFit.range.upperBound)
    let equal = try #require(TemperatureFit(logits: [[1, 1]], labels: [0]))
    #expect(equal.isAtLimit)
    let some = try #require(TemperatureFit(logits: [[2, 1], [.nan, 3], [1, 2], [3, 1]], labels: [0, 0, 0, 0]))
    #expect(some.samples == 3 && !some.isAtLimit)
    #expect(TemperatureFit(logits: [[.infinity, 1]], labels: [0]) == nil)
  }
}
