import Foundation
import Studies
import StudyTestSupport
import Support
import TestSupport
import Testing
import Training

/// Selection by folds, with synthetic results.
@Suite struct SelectionTests {
  private func plan(_ directory: borrowing TemporaryDirectory, _ changes: String...) throws -> StudyPlan {
    let study = try exampleStudy(
      [
        "domains=[{name: digits, source: digits.h5}, {name: shirts, target: shirts.h5}]", "seeds=[1]",
        "search={folds: 3, extensions: 0, doublings: 0}",
      ] + changes)
    return try StudyPlan(study, path: "study.yaml", directory: directory.path("study"))
  }

  private func finish(_ run: PlannedRun, accuracy: Double?, loss: Double? = 1) throws {
    try run.create()
    try JSONFile.write(
      RunResult(epochs: 3, steps: 9, bestEpoch: 3, validation: validation(accuracy, loss)),
      to: run.directory.result)
  }

  private func validation(_ accuracy: Double?, _ loss: Double?) -> [String: Double] {
    ["accuracy": accuracy, "loss": loss].compactMapValues(\.self)
  }

  private func searching(_ plan: StudyPlan, _ index: Int) throws -> [PlannedRun] {
    guard case .searching(let runs) = try StudyProgress(reading: plan).states[index] else { return [] }
    return runs
  }

  private func cell(_ plan: StudyPlan, _ arm: String, _ start: Start, _ regime: Regime = .full) throws -> Int {
    try #require(
      plan.cells.firstIndex { $0.question.arm == arm && $0.start == start && $0.question.regime == regime })
  }

  @Test func everyArmHasTheSameFoldsAndTrials() throws {
    let directory = try TemporaryDirectory()
    let plan = try plan(directory, "sizes=[20, 21]")
    for index in plan.cells.indices {
      let cell = plan.cells[index]
      let runs = try searching(plan, index)
      let rates = cell.question.arm == "fc" ? 2 : 3
      guard cell.question.size == 20 else {
        #expect(cell.folds == 0 && runs.count == rates && runs.allSatisfy { $0.fold == nil })
        continue
      }
      #expect(runs.count == 3 * rates)
      for (place, run) in runs.enumerated() {
        #expect(run.configuration.data.fold == .init(1 + place % 3, of: 3))
        #expect(run.configuration.data.trainPerClass == 20 && run.configuration.data.validationPerClass == nil)
        #expect(run.configuration.seed == 1)
      }
    }
  }

  @Test func theMeanOverFoldsChoosesAndTheRefitIsTested() throws {
    let directory = try TemporaryDirectory()
    let plan = try plan(directory)
    let index = try cell(plan, "gap", .scratch)
    // By rate and fold: means 0.6, 0.7, 0.6333; the best single fold is of the last rate.
    let accuracies = [0.5, 0.6, 0.7, 0.7, 0.7, 0.7, 0.5, 0.5, 0.9]
    let runs = try searching(plan, index)
    #expect(runs.map(\.learningRate) == [0.1, 0.1, 0.1, 0.2, 0.2, 0.2, 0.3, 0.3, 0.3])
    for (run, accuracy) in zip(runs, accuracies).dropLast() { try finish(run, accuracy: accuracy) }
    #expect(try searching(plan, index) == runs)
    try finish(runs[8], accuracy: 0.9)
    let more = try searching(plan, index)
    #expect(more.dropLast() == runs[...])
    let refit = try #require(more.last)
    #expect(refit.learningRate == 0.2 && refit.fold == nil && refit.configuration.data.validationPerClass == 0)
    #expect(refit.configuration.data.trainPerClass == 20)

    try finish(refit, accuracy: nil, loss: nil)
    let progress = try StudyProgress(reading: plan)
    let selection = try #require(progress.selection(of: index))
    #expect(selection.chosen == refit && selection.runs == more && selection.folds == Array(runs[3..<6]))
    #expect(abs((selection.score.value ?? 0) - 0.7) < 1e-12 && selection.isInside)
    // Of all runs the refit alone is tested.
    let tests = progress.jobs.open.filter { if case .test = $0 { true } else { false } }
    #expect(tests.map(\.run) == [refit])
  }

  /// The metric that the runs select by chooses among learning rates too.
  @Test func theChosenMetricChoosesTheRate() throws {
    for (select, chosen) in [("accuracy", 0.3), ("loss", 0.1), ("macroF1", 0.2)] {
      let directory = try TemporaryDirectory()
      let plan = try plan(directory, "common.select=\(select)")
      let index = try cell(plan, "gap", .scratch)
      for run in try searching(plan, index) {
        let rate = try #require(run.learningRate)
        try run.create()
        let validation = ["accuracy": rate, "loss": rate, "macroF1": rate == 0.2 ? 0.9 : 0.1]
        try JSONFile.write(
          RunResult(epochs: 3, steps: 9, bestEpoch: 3, validation: validation), to: run.directory.result)
      }
      #expect(try searching(plan, index).last?.learningRate == chosen, "\(select)")
    }
  }

  @Test func equalsGoByLossThenToTheSmallerRate() throws {
    let directory = try TemporaryDirectory()
    let plan = try plan(directory)
    let index = try cell(plan, "gap", .scratch)
    let losses = [1.0, 1, 1, 0.5, 1, 1, 1, 0.5, 1]
    for (run, loss) in zip(try searching(plan, index), losses) { try finish(run, accuracy: 0.5, loss: loss) }
    #expect(try searching(plan, index).last?.learningRate == 0.2)
    let score = { (accuracy: Double, loss: Double?) in
      SettingScore(
        of: [RunResult(epochs: 1, steps: 1, bestEpoch: 1, validation: validation(accuracy, loss))],
        by: Classification.metrics)!
    }
    #expect(score(0.5, 1).isBetter(at: 0.1, than: score(0.5, nil), at: 0.05))
    #expect(score(0.5, 1).isBetter(at: 0.1, than: score(0.5, 1), at: 0.2))
    #expect(!score(0.4, 0).isBetter(at: 0.1, than: score(0.5, 9), at: 0.2))
  }

  @Test func aRateThatDivergesOnOneFoldIsTooLarge() throws {
    let directory = try TemporaryDirectory()
    let plan = try plan(directory)
    let index = try cell(plan, "fc", .scratch)
    let runs = try searching(plan, index)
    for run in runs { try finish(run, accuracy: run.learningRate == 0.02 ? 0.9 : 0.5) }
    try JSONFile.write(RunResult(divergedAt: 3, metrics: Classification.metrics), to: runs[4].directory.result)
    #expect(try searching(plan, index).last?.learningRate == 0.01)
    // Diverged at every learning rate, and on all images too: the cell counts as 0.
    try JSONFile.write(RunResult(divergedAt: 3, metrics: Classification.metrics), to: runs[0].directory.result)
    let refit = try #require(try searching(plan, index).last)
    #expect(refit.learningRate == 0.01 && refit.fold == nil)
    try diverge(refit)
    let progress = try StudyProgress(reading: plan)
    let selection = try #require(progress.selection(of: index))
    #expect(selection.hasDiverged && selection.runs == runs + [refit])
    #expect(progress.testAccuracy(of: selection) == 0)
  }

  /// The initial weights of a fold have not seen the fold's validation images.
  @Test func fullTrainingContinuesFromTheProbeOfTheSameFold() throws {
    let directory = try TemporaryDirectory()
    let plan = try plan(directory, "regimes=[probe, lp-ft]")
    let probe = try cell(plan, "fc", .pretrained, .probe)
    let index = try cell(plan, "fc", .pretrained, .probeThenFull)
    for run in try searching(plan, probe) { try finish(run, accuracy: run.learningRate == 0.02 ? 0.9 : 0.5) }
    try finish(try #require(try searching(plan, probe).last), accuracy: nil)
    let progress = try StudyProgress(reading: plan)
    let before = try #require(progress.selection(of: probe))
    let runs = try searching(plan, index)
    #expect(runs.count == 6)
    for run in runs {
      let from = try #require(before.folds.first { $0.fold == run.fold })
      #expect(from.configuration.data == run.configuration.data && from.learningRate == 0.02)
      #expect(from.configuration.seed == run.configuration.seed)
      #expect(run.configuration.weights == WeightsConfiguration(from: from.directory.best, use: .continuation))
    }
    for run in runs { try finish(run, accuracy: 0.5) }
    let refit = try #require(try searching(plan, index).last)
    #expect(refit.configuration.weights?.from == before.chosen.directory.best)
  }

  /// A refit that diverges, though no fold did, takes the next lower learning rate; the next higher one is no way out.
  @Test func aRefitThatDivergesFallsBackToTheNextLowerRate() throws {
    let directory = try TemporaryDirectory()
    let plan = try plan(directory)
    let index = try cell(plan, "gap", .scratch)
    for run in try searching(plan, index) { try finish(run, accuracy: run.learningRate == 0.2 ? 0.9 : 0.5) }
    try diverge(try #require(try searching(plan, index).last))
    let refit = try #require(try searching(plan, index).last)
    #expect(refit.learningRate == 0.1 && refit.fold == nil)
    try finish(refit, accuracy: nil, loss: nil)
    let selection = try #require(try StudyProgress(reading: plan).selection(of: index))
    #expect(selection.chosen == refit && selection.hasFallenBack && !selection.hasDiverged)
    #expect(selection.setting == Setting(learningRate: 0.2, epochs: 3) && selection.folds.count == 3)
  }

  private func diverge(_ run: PlannedRun) throws {
    try run.create()
    try JSONFile.write(RunResult(divergedAt: 3, metrics: Classification.metrics), to: run.directory.result)
  }

  /// Runs of each seed's cell in a group.
  private func searching(_ plan: StudyPlan, group: [Int]) throws -> [[PlannedRun]] {
    try group.map { try searching(plan, $0) }
  }

  @Test func otherSeedsOnlyRefit() throws {
    let directory = try TemporaryDirectory()
    let plan = try plan(
      directory, "seeds=[1, 2]", "search={folds: 3, extensions: 0, doublings: 0, seeds: 1}")
    let index = try cell(plan, "fc", .scratch)
    let other = try #require(plan.groups.first { $0[0] == index })[1]
    for run in try searching(plan, index) { try finish(run, accuracy: run.learningRate == 0.02 ? 0.9 : 0.5) }
    // The chosen setting is known to both seeds at once.
    let runs = try searching(plan, other)
    #expect(runs.count == 1 && runs[0].learningRate == 0.02 && runs[0].configuration.data.validationPerClass == 0)
    try finish(runs[0], accuracy: nil)
    let selection = try #require(try StudyProgress(reading: plan).selection(of: other))
    #expect(selection.chosen == runs[0] && selection.folds.isEmpty)
    #expect(abs((selection.score.value ?? 0) - 0.9) < 1e-12)
  }

  /// Three seeds with two folds: each holds out one part, and the rate that is best at the first seed alone loses.
  @Test func theMeanOverSeedsChooses() throws {
    let directory = try TemporaryDirectory()
    let plan = try plan(directory, "seeds=[1, 2, 3]", "search={folds: 2, extensions: 0, doublings: 0}")
    let group = try #require(plan.groups.first { plan.cells[$0[0]].question.arm == "gap" })
    let runs = try searching(plan, group: group)
    #expect(runs.map { $0.map(\.fold) } == [[1, 1, 1], [2, 2, 2], [1, 1, 1]])
    #expect(runs.map { $0.map(\.seed) } == [[1, 1, 1], [2, 2, 2], [3, 3, 3]])
    for (seed, own) in runs.enumerated() {
      for run in own {
        let best = seed == 0 ? 0.3 : 0.1
        if run == runs[2][2] {
          try diverge(run)
        } else {
          try finish(run, accuracy: run.learningRate == best ? 0.9 : run.learningRate == 0.2 ? 0.7 : 0.5)
        }
        // No seed knows more than another.
        let isLast = run == runs[2][2]
        #expect(try searching(plan, group: group).allSatisfy { $0.count == (isLast ? 4 : 3) })
      }
    }
    // Means 0.767, 0.7 and, as one diverged, the worst.
    #expect(try searching(plan, group: group).map { $0.last?.learningRate } == [0.1, 0.1, 0.1])
  }

  /// Accuracies of three seeds at 3, 6 and 12 epochs: the first doubling gains surely, the second less than its error.
  @Test func epochsAreDoubledWhileThatGains() throws {
    for (doublings, gains, epochs, open) in [
      (3, [[0.5, 0.5, 0.5], [0.6, 0.62, 0.61], [0.66, 0.58, 0.61]], 6, 0.0),
      (1, [[0.5, 0.5, 0.5], [0.6, 0.62, 0.61]], 6, 0.1),
      (2, [[0.5, 0.5, 0.5], [0.5, 0.5, 0.5]], 3, 0.0),
    ] {
      let directory = try TemporaryDirectory()
      let plan = try plan(
        directory, "seeds=[1, 2, 3]", "search={extensions: 0, doublings: \(doublings)}", "learningRates=[0.02]")
      let group = try #require(plan.groups.first { plan.cells[$0[0]].question.arm == "fc" })
      for (round, values) in gains.enumerated() {
        let runs = try searching(plan, group: group)
        for (own, value) in zip(runs, values) {
          let run = try #require(own.last)
          #expect(own.count == round + 1 && run.configuration.epochs == 3 << round)
          #expect(run.name.contains(round == 0 ? ".r0.02-" : ".r0.02.e\(3 << round)-"))
          try finish(run, accuracy: value)
        }
      }
      let selection = try #require(try StudyProgress(reading: plan).selection(of: group[0]))
      #expect(selection.setting.epochs == epochs && selection.chosen.configuration.epochs == epochs)
      #expect(abs((selection.openGain ?? -1) - open) < 1e-12)
    }
  }

  @Test func foldsNeedToKnowHowManyImagesThereAre() {
    func message(_ changes: String...) -> String {
      do {
        let directory = try TemporaryDirectory()
        let study = try exampleStudy(changes)
        _ = try StudyPlan(study, path: "study.yaml", directory: directory.path("study"))
        return "no error"
      } catch { return "\(error)" }
    }
    #expect(message("search={folds: 1}").contains("search.folds: expected 2 to 20 folds, or 0"))
    #expect(
      message("search={folds: 5}", "finetuning={epochs: 3}").contains(
        "search.folds needs the number of images per class"))
    #expect(message("search={folds: 5}", "sizes=[4]").contains("4 images per class cannot be split into 5 folds"))
    #expect(
      message("finetuning.data.validationPerClass=0").contains("the learning rates could not be compared"))
    #expect(message("finetuning.data.fold={index: 1, of: 2}").contains("the folds of a study are search.folds"))
    #expect(message("search={folds: 5}", "finetuning.patience=3").contains("patience: a run of a fold or without"))
    #expect(message("search={folds: 5}") == "no error")
  }
}
