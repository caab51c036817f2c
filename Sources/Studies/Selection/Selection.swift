internal import Support
package import Training

/// The run of a cell chosen on validation; only a selection is evaluated on test images.
package struct Selection: Sendable, Equatable {
  /// The cell whose search it ended.
  package let cell: Cell
  /// The run that is tested, and whose weights are kept.
  package let chosen: PlannedRun
  /// The result of the chosen run.
  package let result: RunResult
  /// The score of the chosen learning rate on validation images, or on the folds.
  package let score: LearningRateScore
  /// All runs of the search, by learning rate then fold, and last the refit if the search ends with
  /// one; of a cell that takes another's learning rate, the single run.
  package let runs: [PlannedRun]
  /// Whether the chosen learning rate lies inside its grid, here or in the cell that it was taken from.
  package let isInside: Bool

  init(
    cell: Cell, chosen: PlannedRun, result: RunResult, score: LearningRateScore, runs: [PlannedRun], isInside: Bool
  ) {
    (self.cell, self.chosen, self.result, self.score) = (cell, chosen, result, score)
    (self.runs, self.isInside) = (runs, isInside)
  }

  /// The folds' runs at the chosen learning rate, in order; empty without cross-validation.
  package var folds: [PlannedRun] { runs.filter { $0.fold != nil && $0.learningRate == chosen.learningRate } }

  /// The run at the chosen learning rate on the same training images as a run of another cell.
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
      let curve = try LearningCurve(of: chosen)
      let folds = try folds.filter { $0 != chosen }.map { try LearningCurve(of: $0) }
      return folds.isEmpty ? curve : LearningCurve(training: curve, validation: folds)
    }
  }
}
