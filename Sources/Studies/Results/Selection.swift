package import Training

/// The run of a cell that validation chose, once its search is over; only this opens the test images.
package struct Selection: Sendable, Equatable {
  package let cell: Cell
  package let chosen: PlannedRun
  package let result: RunResult
  /// Every run of the search in order of rates; of a cell that takes another's rate, the one.
  package let runs: [PlannedRun]
  /// Whether the chosen rate has tried ones on both sides, here or in the cell that it was taken from.
  package let isInside: Bool

  init(cell: Cell, chosen: PlannedRun, result: RunResult, runs: [PlannedRun], isInside: Bool) {
    (self.cell, self.chosen, self.result, self.runs, self.isInside) = (cell, chosen, result, runs, isInside)
  }

  /// Whether one run did better than another: by validation accuracy, then lower validation loss, then smaller rate.
  static func isBetter(_ a: RunResult, at rateA: Double, than b: RunResult, at rateB: Double) -> Bool {
    if a.validationAccuracy != b.validationAccuracy { return a.validationAccuracy > b.validationAccuracy }
    let (lossA, lossB) = (a.validationLoss ?? .infinity, b.validationLoss ?? .infinity)
    return lossA != lossB ? lossA < lossB : rateA < rateB
  }

  /// Whether every run of the search diverged: it counts as a network without a right answer and is not tested.
  package var hasDiverged: Bool { result.divergedAt != nil }

  /// How the chosen run learned.
  package var learningCurve: LearningCurve { get throws { try LearningCurve(of: chosen.directory) } }

  /// The arguments of the one evaluation on test images.
  package var testArguments: [String] { StudyPlan.testArguments(of: chosen) }
}

extension StudyPlan {
  /// The arguments of the evaluation of a source model on the source's test images.
  package static func testArguments(ofSource source: PlannedRun) -> [String] {
    precondition(source.rate == nil, "only a source model is tested without a selection")
    return testArguments(of: source)
  }

  fileprivate static func testArguments(of run: PlannedRun) -> [String] {
    [
      "evaluate", run.directory.path, "--weights", "best", "--on", run.configuration.data.path,
      "--output", run.directory.test, "--predictions", run.directory.predictions, "--attended",
    ]
  }

  /// The evaluation on test images that was written beside a run.
  package static func evaluation(of run: PlannedRun) throws -> RunEvaluation? {
    do {
      return try RunDirectory.readJSON(RunEvaluation.self, from: run.directory.test)
    } catch RunError.missing { return nil }
  }
}
