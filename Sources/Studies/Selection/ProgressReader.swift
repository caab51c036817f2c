package import Training

/// Reads the results of a plan's runs, each file once: what was found is cached, and what was missing is looked
/// for again only when asked.
package final class ProgressReader {
  /// What is read.
  package let plan: StudyPlan
  /// By the run's identity.
  private var results: [String: RunResult] = [:]
  private var accuracies: [String: Double] = [:]
  /// Runs whose files were not found; see `look`.
  private var missing: (results: Set<String>, tests: Set<String>) = ([], [])
  private var selections: [Int: Selection] = [:]
  /// Runs by cell, setting, trial and initial weights, cached as naming a run takes a while.
  var planned: [Place: PlannedRun] = [:]

  struct Place: Hashable {
    var cell: Int
    var setting: Setting
    var trial: Cell.Trial
    var probe: String?
  }

  /// Reads nothing yet.
  package init(_ plan: StudyPlan) { self.plan = plan }

  /// The result of a run, if it is finished.
  /// - Throws: `FileError` where its file is damaged or of another run.
  package func result(of run: PlannedRun) throws -> RunResult? {
    let name = run.identity
    if let known = results[name] { return known }
    guard !missing.results.contains(name) else { return nil }
    results[name] = try run.directory.loadResult()
    if results[name] == nil { missing.results.insert(name) } else { try run.check() }
    return results[name]
  }

  /// The accuracy on test images, if it was measured.
  /// - Throws: `FileError` where its file is damaged.
  package func testAccuracy(of run: PlannedRun) throws -> Double? {
    let name = run.identity
    if let known = accuracies[name] { return known }
    guard !missing.tests.contains(name) else { return nil }
    accuracies[name] = try run.directory.loadTestScore(of: run.configuration)
    if accuracies[name] == nil { missing.tests.insert(name) }
    return accuracies[name]
  }

  /// Looks again for what a run lacked; for what any run lacked, if none is named.
  package func look(for run: PlannedRun? = nil) {
    guard let run else {
      missing = ([], [])
      return
    }
    missing.results.remove(run.identity)
    missing.tests.remove(run.identity)
  }

  /// What is done.
  /// - Throws: `FileError` where a run's file is damaged.
  package func progress() throws -> StudyProgress {
    for source in plan.sources {
      _ = try result(of: source)
      _ = try testAccuracy(of: source)
    }
    var states = [StudyProgress.CellState](repeating: .waiting, count: plan.cells.count)
    // What a cell builds on comes before it.
    for group in plan.groups {
      let known = group.compactMap { selections[$0] }
      let found =
        known.count == group.count
        ? known.map(StudyProgress.CellState.chosen) : try self.states(of: group, after: states)
      for (index, state) in zip(group, found) {
        states[index] = state
        guard case .chosen(let selection) = state else { continue }
        selections[index] = selection
        if !selection.hasDiverged { _ = try testAccuracy(of: selection.chosen) }
      }
    }
    return StudyProgress(plan: plan, states: states, results: results, accuracies: accuracies)
  }
}
