import Foundation
import Statistics
import Testing

@Suite struct LEEPTests {
  @Test func scoresAreNumpys() throws {
    let cases = try GoldenDistances().scores
    #expect(cases.count == 3)
    for one in cases {
      let score = LEEP.score(probabilities: one.probabilities, labels: one.labels, classes: one.classes)
      #expect(abs(score - one.score) < 1e-12)
    }
  }

  @Test func aSourceThatKnowsTheLabelsScoresNothingLessAndOneThatKnowsNothingTheirEntropy() {
    let labels = (0..<60).map { $0 % 3 == 0 ? 0 : 1 + $0 % 2 }
    func rows(_ row: (Int) -> [Double]) -> Double {
      LEEP.score(probabilities: labels.map(row), labels: labels, classes: 3)
    }
    // Its own labels in another order: 0, the most there is.
    #expect(rows { label in (0..<3).map { $0 == (label + 1) % 3 ? 1 : 0 } } == 0)
    // The same shares whatever the label: −H of a third each.
    #expect(abs(rows { _ in [0.7, 0.2, 0.1, 0] } + log(3)) < 1e-12)
    let some = rows { label in label == 0 ? [0.8, 0.2] : [0.3, 0.7] }
    #expect(some < 0 && some > -log(3))
  }
}
