import Statistics
import Studies
import StudyTestSupport
import Testing
import Training

@Suite struct StudyResultsTests {
  /// Results of two arms on one target, seed by seed.
  private func results(_ study: Study) -> StudyResults {
    var accuracies: [Cell.Question: Double] = [:]
    func set(_ arm: String, from source: String?, _ values: [Double]) {
      for (seed, value) in zip(study.seeds, values) {
        accuracies[.init(arm: arm, source: source, target: "shirts", seed: seed)] = value
      }
    }
    set("fc", from: "digits", [0.80, 0.90])
    set("gap", from: "digits", [0.70, 0.72])
    set("fc", from: nil, [0.60, 0.70])
    set("gap", from: nil, [0.55, 0.63])
    return StudyResults(
      study: study, headKinds: [:], accuracies: accuracies,
      sourceAccuracies: ["fc": ["digits": [0.98, 0.97]], "gap": ["digits": [0.98, 0.98]]])
  }

  @Test func gainsArePairedBySeed() throws {
    let results = results(try exampleStudy())
    // Seed 1: 0.10 − 0.05 = 0.05; seed 2: 0.18 − 0.07 = 0.11.
    let effects = results.effects(of: "fc", over: "gap", from: "digits", on: "shirts")
    #expect(effects.count == 2 && abs(effects[0] - 0.05) < 1e-12 && abs(effects[1] - 0.11) < 1e-12)
    #expect(results.effects(of: "fc", over: "gap", from: "digits", on: "digits").isEmpty)
    let gains = results.gains(of: .init("fc", from: "digits", on: "shirts"))
    #expect(gains.count == 2 && gains.allSatisfy { abs($0 - 0.2) < 1e-12 })
  }

  @Test func theAnalysisTellsPairsThatCanSayNothing() throws {
    let analysis = StudyAnalysis(results(try exampleStudy()))
    let pair = try #require(analysis.pairs.first { $0.target == "shirts" })
    let interval = try #require(pair.interval)
    // Mean 0.08, standard error 0.03, t of one degree of freedom 12.706.
    #expect(abs(interval.estimate - 0.08) < 1e-12 && abs(interval.halfWidth - 0.03 * 12.7062047) < 1e-6)
    #expect(pair.isTransfer)
    #expect(abs((pair.pretrained?.mean ?? 0) - 0.14) < 1e-12 && abs((pair.scratch?.mean ?? 0) - 0.06) < 1e-12)
    #expect(analysis.pairs.first { $0.target == "digits" }?.interval == nil)
    let text = analysis.text
    #expect(text.contains("+8.0 (-30.1 to +46.1)"))
    #expect(text.contains("85.0 ± 5.0"))
    #expect(text.contains("Source models of fc on their own test images: digits 97.5 ± 0.5"))
    #expect(text.contains("Demonstration, no verdict"))
  }
}
