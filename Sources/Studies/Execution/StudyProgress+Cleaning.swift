internal import Support
internal import Training

extension StudyProgress {
  /// Removes files that a finished study does not need: checkpoints to resume from, and weights that were not chosen,
  /// or all of fine-tuning unless the study keeps weights. Nothing goes while a cell is not tested.
  ///
  /// Source models are kept for later arms and targets; metrics, results and evaluations are kept for every run.
  /// - Throws: `FileError` where a file cannot be removed.
  package func removeSpentCheckpoints() throws {
    var kept = Set(plan.sources.map(\.directory.path))
    var spent: [RunDirectory] = []
    for case .cell(let cell, let state) in entries {
      // Other cells may start from its runs.
      guard case .chosen(let selection) = state, testAccuracy(of: selection) != nil else { return }
      let isProbe = cell.question.regime == .probe
      if plan.study.keepWeights || isProbe { kept.insert(selection.chosen.directory.path) }
      if isProbe { kept.formUnion(selection.folds.map(\.directory.path)) }
      spent += selection.runs.map(\.directory)
    }
    for run in spent {
      try run.removeCheckpoints()
      if !kept.contains(run.path) { try FileSystem.remove(run.best) }
    }
  }
}
