package import Training

/// The run of a cell that validation chose; only this opens the test images.
package struct Selection: Sendable, Equatable {
  package let cell: Cell
  package let chosen: PlannedRun

  /// Chooses by validation accuracy, then lower validation loss, then smaller rate.
  /// - Returns: nil until every run of the cell is finished.
  package init?(in cell: Cell, results: [RunResult?]) {
    precondition(results.count == cell.runs.count, "Selection: \(results.count) results of \(cell.runs.count) runs")
    let finished = zip(cell.runs, results).compactMap { run, result in result.map { (run: run, result: $0) } }
    guard finished.count == cell.runs.count else { return nil }
    let best = finished.min { left, right in
      let (a, b) = (left.result, right.result)
      if a.validationAccuracy != b.validationAccuracy { return a.validationAccuracy > b.validationAccuracy }
      let (lossA, lossB) = (a.validationLoss ?? .infinity, b.validationLoss ?? .infinity)
      return lossA != lossB ? lossA < lossB : (left.run.rate ?? 0) < (right.run.rate ?? 0)
    }
    guard let best else { return nil }
    (self.cell, chosen) = (cell, best.run)
  }

  /// The arguments of the one evaluation on test images.
  package var testArguments: [String] {
    StudyPlan.testArguments(of: chosen)
  }

  /// The test accuracy, if it was measured.
  package func testAccuracy() throws -> Double? { try StudyPlan.testAccuracy(of: chosen) }
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
      "--output", run.directory.test, "--attended",
    ]
  }

  /// The test accuracy that was written beside a run.
  package static func testAccuracy(of run: PlannedRun) throws -> Double? {
    do {
      return try RunDirectory.readJSON(RunEvaluation.self, from: run.directory.test).domains.first?.report.accuracy
    } catch RunError.missing { return nil }
  }
}
