import Studies
import Testing
import Training

@Suite struct SelectionTests {
  private func result(_ accuracy: Double, loss: Double? = 1) -> RunResult {
    RunResult(epochs: 1, steps: 1, bestEpoch: 1, validationAccuracy: accuracy, validationLoss: loss)
  }

  @Test func validationChoosesOnceAllAreFinished() throws {
    let plan = try StudyPlan(exampleStudy(), path: "study.yaml", directory: "runs")
    let cell = try #require(plan.cells.first { $0.runs.count == 3 })
    func chosen(_ results: [RunResult?]) -> Double? { Selection(in: cell, results: results)?.chosen.rate }
    #expect(chosen([result(0.5), result(0.7), result(0.6)]) == 0.2)
    #expect(chosen([result(0.5), nil, result(0.6)]) == nil)
    #expect(chosen([result(0.7, loss: 0.9), result(0.7, loss: 0.8), result(0.7, loss: nil)]) == 0.2)
    #expect(chosen([result(0.7), result(0.7), result(0.7)]) == 0.1)
    let selection = try #require(Selection(in: cell, results: [result(0.5), result(0.7), result(0.6)]))
    #expect(selection.testArguments.starts(with: ["evaluate", cell.runs[1].directory.path, "--weights", "best"]))
  }
}

@Suite struct StudyResultsTests {
  @Test func estimatesByHand() throws {
    let estimate = try #require(Estimate([0.90, 0.94, 0.92]))
    #expect(abs(estimate.mean - 0.92) < 1e-12)
    // s² = (0.02² + 0.02²) / 2 = 0.0004; s / √3
    #expect(abs((estimate.standardError ?? 0) - 0.0115470) < 1e-6)
    #expect(estimate.percent() == "92.0 ± 1.2")
    #expect(estimate.percent(signed: true) == "+92.0 ± 1.2")
    #expect(Estimate([0.5])?.standardError == nil)
    #expect(Estimate([]) == nil)
  }

  @Test func gainsArePairedBySeed() throws {
    let study = try exampleStudy()
    var accuracies: [StudyResults.Key: Double] = [:]
    func set(_ arm: String, _ start: Start, _ values: [Double]) {
      for (seed, value) in zip(study.seeds, values) {
        accuracies[.init(arm: arm, target: "shirts", start: start, seed: seed)] = value
      }
    }
    set("fc", .pretrained, [0.80, 0.90])
    set("gap", .pretrained, [0.70, 0.72])
    set("fc", .scratch, [0.60, 0.70])
    set("gap", .scratch, [0.55, 0.63])
    let results = StudyResults(
      study: study, accuracies: accuracies, sourceAccuracies: ["fc": [0.98, 0.97], "gap": [0.98, 0.98]])
    // Seed 1: 0.10 − 0.05 = 0.05; seed 2: 0.18 − 0.07 = 0.11.
    let delta = try #require(results.gainDifference(of: "fc", over: "gap", on: "shirts"))
    #expect(abs(delta.mean - 0.08) < 1e-12)
    #expect(abs((delta.standardError ?? 0) - 0.03) < 1e-12)
    #expect(results.gainDifference(of: "fc", over: "gap", on: "digits") == nil)
    let text = results.text
    #expect(text.contains("+8.0 ± 3.0"))
    #expect(text.contains("85.0 ± 5.0"))
    #expect(text.contains("fc 97.5 ± 0.5, gap 98.0 ± 0.0"))
    #expect(text.contains("Demonstration, no verdict: 2 seeds carry none."))
  }
}
