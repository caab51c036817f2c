internal import Support
package import Training

/// The run of a cell chosen on validation; only a selection is evaluated on test images.
package struct Selection: Sendable, Equatable {
  /// The cell whose search it ended.
  package let cell: Cell
  /// The run that is tested, and whose weights are kept.
  package let chosen: PlannedRun
  /// Of the chosen run.
  package let result: RunResult
  /// What the chosen rate came to on validation images, or on the folds.
  package let score: LearningRateScore
  /// Every run of the search in order of rates, each rate's folds in theirs, and last the refit where the search ends with
  /// one; of a cell that takes another's rate, the one.
  package let runs: [PlannedRun]
  /// Whether the chosen rate has tried ones on both sides, here or in the cell that it was taken from.
  package let isInside: Bool

  init(
    cell: Cell, chosen: PlannedRun, result: RunResult, score: LearningRateScore, runs: [PlannedRun], isInside: Bool
  ) {
    (self.cell, self.chosen, self.result, self.score) = (cell, chosen, result, score)
    (self.runs, self.isInside) = (runs, isInside)
  }

  /// The folds' runs at the chosen rate, in order; none where nothing was cross-validated.
  package var folds: [PlannedRun] { runs.filter { $0.fold != nil && $0.learningRate == chosen.learningRate } }

  /// The run at the chosen rate that trained on the images which another cell's run is to train on.
  func run(of trial: Cell.Trial) -> PlannedRun {
    guard case .fold(let index) = trial, let run = folds.first(where: { $0.fold == index }) else { return chosen }
    return run
  }

  /// Whether a run diverged at every learning rate, or the refit did: the cell counts as accuracy 0, untested.
  package var hasDiverged: Bool { result.divergedAt != nil }

  /// The learning curve of the chosen run.
  ///
  /// The validation of a refit is the mean of its folds'.
  package var learningCurve: LearningCurve {
    get throws {
      let curve = try LearningCurve(of: chosen.directory)
      let folds = try folds.filter { $0 != chosen }.map { try LearningCurve(of: $0.directory) }
      return folds.isEmpty ? curve : LearningCurve(training: curve, validation: folds)
    }
  }
}
