import Studies
import Testing
import Training

@Suite struct SettingSearchTests {
  private func score(_ accuracies: [Double?]) -> SettingScore? {
    SettingScore(
      of: accuracies.map { accuracy in
        accuracy.map { RunResult(epochs: 1, steps: 1, bestEpoch: 1, validation: ["accuracy": $0, "loss": 1]) }
          ?? RunResult(divergedAt: 3, metrics: Classification.metrics)
      }, by: Classification.metrics)
  }

  private func search(_ doublings: Int) -> SettingSearch {
    SettingSearch(rates: LearningRateSearch(rates: [0.1, 0.2], extensions: 0), epochs: 4, doublings: doublings)
  }

  private func setting(_ rate: Double, _ epochs: Int) -> Setting { Setting(learningRate: rate, epochs: epochs) }

  @Test func epochsFollowTheRate() {
    // At 0.2 each doubling gains, at 0.1 nothing does.
    let state = search(2).state { setting in
      score(
        setting.learningRate == 0.2 ? [0.1, 0.2, 0.3].map { $0 + 0.05 * Double(setting.epochs) } : [0.1, 0.1, 0.1])
    }
    #expect(state.tried == [setting(0.1, 4), setting(0.2, 4), setting(0.2, 8), setting(0.2, 16)])
    #expect(state.chosen == setting(0.2, 16) && state.fallbacks == [0.2, 0.1])
    #expect(state.openGain.count == 3 && state.openGain.allSatisfy { abs($0 - 0.4) < 1e-12 })
    #expect(search(0).state { _ in score([0.5]) }.tried.count == 2)
  }

  @Test func aGainBelowItsErrorEndsTheSearch() {
    let values = [4: [0.5, 0.5, 0.5], 8: [0.6, 0.44, 0.52]]
    let state = search(3).state { score(values[$0.epochs] ?? [1, 1, 1]) }
    #expect(state.chosen == setting(0.1, 4) && state.openGain.isEmpty && state.tried.last == setting(0.1, 8))
    // The same mean with less error.
    let surer = search(3).state { score($0.epochs == 4 ? [0.5, 0.5, 0.5] : [0.52, 0.52, 0.521]) }
    #expect(surer.chosen == setting(0.1, 8))
    #expect(SettingSearch.isAboveError([0.01]) && !SettingSearch.isAboveError([0]) && !SettingSearch.isAboveError([]))
  }

  @Test func divergenceEndsTheSearch() {
    #expect(search(3).state { score($0.epochs == 4 ? [0.5, 0.5] : [0.9, nil]) }.chosen == setting(0.1, 4))
    let wild = search(3).state { _ in score([0.5, nil]) }
    #expect(wild.chosen == setting(0.1, 4) && wild.tried.count == 2)
  }

  @Test func unknownScoresAreAwaited() {
    let state = search(3).state { $0.epochs == 4 ? score([0.5]) : nil }
    #expect(state.chosen == nil && state.tried.last == setting(0.1, 8))
  }

  /// A metric of which less is better gains where it falls.
  @Test func lossesGainByFalling() throws {
    let metrics = Array(Classification.metrics.filter { $0.name == "loss" })
    let scores = [2.0, 1.5].map { loss in
      SettingScore(of: [RunResult(epochs: 1, steps: 1, bestEpoch: 1, validation: ["loss": loss])], by: metrics)
    }
    #expect(try #require(scores[1]).gain(over: #require(scores[0])) == [0.5])
  }
}
