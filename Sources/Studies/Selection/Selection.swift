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
  /// The setting that the search of all seeds chose.
  package let setting: Setting
  /// The score of this setting, over the trials of all seeds that searched.
  package let score: SettingScore
  /// All runs of the cell, by setting then fold, and last that which is tested if it is none of the trials.
  package let runs: [PlannedRun]
  /// Whether the chosen learning rate lies inside its grid.
  package let isInside: Bool
  /// What the last doubling of epochs gained at this seed, where it was above its error and no further one was allowed; 0
  /// where the search ended by itself. nil at a seed that did not search, and where no doubling is allowed.
  package let openGain: Double?

  init(
    cell: Cell, chosen: PlannedRun, result: RunResult, setting: Setting, score: SettingScore, runs: [PlannedRun],
    isInside: Bool, openGain: Double? = nil
  ) {
    (self.cell, self.chosen, self.result, self.setting) = (cell, chosen, result, setting)
    (self.score, self.runs, self.isInside, self.openGain) = (score, runs, isInside, openGain)
  }

  /// The folds' runs in the chosen setting, in order; empty without cross-validation.
  package var folds: [PlannedRun] { runs.filter { $0.fold != nil && $0.setting == setting } }

  /// The run in the chosen setting on the same training images as a run of another cell.
  func run(of trial: Cell.Trial) -> PlannedRun {
    guard case .fold(let index) = trial, let run = folds.first(where: { $0.fold == index }) else { return chosen }
    return run
  }

  /// Whether the run that is tested diverged, at lower learning rates too: the cell counts as accuracy 0, untested.
  package var hasDiverged: Bool { result.divergedAt != nil }

  /// Whether the run that is tested has a lower learning rate than the search chose, as it diverged at that one.
  package var hasFallenBack: Bool { chosen.learningRate != setting.learningRate }

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
