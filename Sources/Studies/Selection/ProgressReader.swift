package import Training

/// Reads the results of a plan's runs, each file once: what was found is cached, and what was missing is looked
/// for again only when asked.
package final class ProgressReader {
  /// What is read.
  package let plan: StudyPlan
  /// By the name of the run's directory.
  private var results: [String: RunResult] = [:]
  private var accuracies: [String: Double] = [:]
  /// Runs whose files were not found; see `look`.
  private var missing: (results: Set<String>, tests: Set<String>) = ([], [])
  private var selections: [Int: Selection] = [:]
  /// Runs by cell, learning rate, trial and initial weights, cached as naming a run takes a while.
  private var planned: [Place: PlannedRun] = [:]

  private struct Place: Hashable {
    var cell: Int
    var learningRate: Double
    var trial: Cell.Trial
    var probe: String?
  }

  /// Reads nothing yet.
  package init(_ plan: StudyPlan) { self.plan = plan }

  /// The result of a run, if it is finished.
  /// - Throws: `FileError` where its file is damaged.
  package func result(of run: PlannedRun) throws -> RunResult? {
    let name = run.directory.name
    if let known = results[name] { return known }
    guard !missing.results.contains(name) else { return nil }
    results[name] = try run.directory.loadResult()
    if results[name] == nil { missing.results.insert(name) }
    return results[name]
  }

  /// The accuracy on test images, if it was measured.
  /// - Throws: `FileError` where its file is damaged.
  package func testAccuracy(of run: PlannedRun) throws -> Double? {
    let name = run.directory.name
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
    missing.results.remove(run.directory.name)
    missing.tests.remove(run.directory.name)
  }

  /// What is done.
  /// - Throws: `FileError` where a run's file is damaged.
  package func progress() throws -> StudyProgress {
    for source in plan.sources {
      _ = try result(of: source)
      _ = try testAccuracy(of: source)
    }
    var states: [StudyProgress.CellState] = []
    // What a cell builds on comes before it.
    for index in plan.cells.indices {
      let state = try selections[index].map { .chosen($0) } ?? state(of: index, after: states)
      if case .chosen(let selection) = state {
        selections[index] = selection
        if !selection.hasDiverged { _ = try testAccuracy(of: selection.chosen) }
      }
      states.append(state)
    }
    return StudyProgress(plan: plan, states: states, results: results, accuracies: accuracies)
  }
}

// MARK: Searches

extension ProgressReader {
  /// The state of a cell, given the states of those before it.
  private func state(
    of index: Int, after states: [StudyProgress.CellState]
  ) throws -> StudyProgress.CellState {
    let cell = plan.cells[index]
    var search = cell.search
    var leaderIsInside: Bool?
    if let leader = cell.leader {
      guard case .chosen(let first) = states[leader], let rate = first.chosen.learningRate else { return .waiting }
      search = LearningRateSearch(rates: [rate], extensions: 0)
      leaderIsInside = first.isInside
    }
    guard let place = cell.probe else {
      return try state(of: index, search, after: nil, leaderIsInside: leaderIsInside)
    }
    guard case .chosen(let probe) = states[place] else { return .waiting }
    guard !probe.hasDiverged else {
      // A run that cannot start scores no better than its starting point.
      return .chosen(
        Selection(
          cell: cell, chosen: probe.chosen, result: probe.result, score: probe.score, runs: [],
          isInside: probe.isInside))
    }
    return try state(of: index, search, after: probe, leaderIsInside: leaderIsInside)
  }

  private func state(
    of index: Int, _ search: LearningRateSearch, after probe: Selection?, leaderIsInside: Bool?
  ) throws -> StudyProgress.CellState {
    let cell = plan.cells[index]
    typealias Trial = (run: PlannedRun, result: RunResult?)
    var (runs, scores): ([Double: [Trial]], [Double: LearningRateScore]) = ([:], [:])
    func score(of rate: Double) throws -> LearningRateScore? {
      if runs[rate] != nil { return scores[rate] }
      let all = try cell.trials.map { trial in try self.trial(index, rate, trial, after: probe) }
      runs[rate] = all
      scores[rate] = LearningRateScore(of: all.map(\.result), by: cell.base.metrics)
      return scores[rate]
    }
    let state = try search.state(
      isKnown: { try score(of: $0) != nil },
      isBetter: { a, b in
        guard let first = scores[a], let second = scores[b] else { return false }
        return first.isBetter(at: a, than: second, at: b)
      })
    for rate in state.tried { _ = try score(of: rate) }
    var known = state.tried.flatMap { runs[$0] ?? [] }.map(\.run)
    guard let best = state.best, let score = scores[best], let all = runs[best] else { return .searching(known) }
    var chosen = all.first { $0.result?.divergedAt != nil } ?? all[0]
    if cell.endsWithRefit, !score.hasDiverged {
      chosen = try trial(index, best, .refit, after: probe)
      known.append(chosen.run)
    }
    guard let result = chosen.result else { return .searching(known) }
    return .chosen(
      Selection(
        cell: cell, chosen: chosen.run, result: result, score: score, runs: known,
        isInside: leaderIsInside ?? state.isInside))
  }

  /// A run of a cell with its result; it begins with what the same images were probed with, where it begins with a probe.
  private func trial(
    _ index: Int, _ rate: Double, _ trial: Cell.Trial, after probe: Selection?
  ) throws -> (run: PlannedRun, result: RunResult?) {
    let before = probe?.run(of: trial)
    let place = Place(cell: index, learningRate: rate, trial: trial, probe: before?.directory.name)
    let run =
      try planned[place] ?? plan.run(of: plan.cells[index], learningRate: rate, trial, after: before)
    planned[place] = run
    return (run, try result(of: run))
  }
}
