package import Training

/// What of a plan is done, as far as the runs' files tell, and what there is to do next.
package struct StudyProgress: Sendable {
  package let plan: StudyPlan
  /// By the name of the run's directory.
  private var results: [String: RunResult] = [:]
  private var accuracies: [String: Double] = [:]
  private var selections: [Int: Selection] = [:]
  /// Runs whose files were looked for in vain; see `look`.
  private var missing: (results: Set<String>, tests: Set<String>) = ([], [])
  /// Runs by cell, rate, trial and what they go on from: to make a name takes a while.
  private var planned: [Place: PlannedRun] = [:]

  private struct Place: Hashable {
    var cell: Int
    var rate: Double
    var trial: Cell.Trial
    var probe: String?
  }

  package init(_ plan: StudyPlan) { self.plan = plan }

  /// Where a cell stands.
  package enum CellState: Sendable, Equatable {
    /// What it builds on is not chosen yet.
    case waiting
    /// The runs known so far; more may follow.
    case searching([PlannedRun])
    case chosen(Selection)
  }

  /// The result of a run, if it is finished.
  package mutating func result(of run: PlannedRun) throws -> RunResult? {
    if let known = results[run.directory.name] { return known }
    guard !missing.results.contains(run.directory.name) else { return nil }
    let result = try run.directory.loadResult()
    results[run.directory.name] = result
    if result == nil { missing.results.insert(run.directory.name) }
    return result
  }

  /// The accuracy on test images, if it was measured.
  package mutating func testAccuracy(of run: PlannedRun) throws -> Double? {
    if let known = accuracies[run.directory.name] { return known }
    guard !missing.tests.contains(run.directory.name) else { return nil }
    let accuracy = try StudyPlan.evaluation(of: run)?.domains.first?.report.accuracy
    accuracies[run.directory.name] = accuracy
    if accuracy == nil { missing.tests.insert(run.directory.name) }
    return accuracy
  }

  /// Looks again, when asked, for what a run lacked; for what any run lacked, if none is named.
  package mutating func look(for run: PlannedRun? = nil) {
    guard let run else {
      missing = ([], [])
      return
    }
    missing.results.remove(run.directory.name)
    missing.tests.remove(run.directory.name)
  }

  /// The accuracy that a selection counts with: 0 where every run diverged.
  package mutating func testAccuracy(of selection: Selection) throws -> Double? {
    selection.hasDiverged ? 0 : try testAccuracy(of: selection.chosen)
  }

  package mutating func state(of index: Int) throws -> CellState {
    if let selection = selections[index] { return .chosen(selection) }
    let cell = plan.cells[index]
    var search = cell.search
    var leaderIsInside: Bool?
    if let leader = cell.leader {
      guard case .chosen(let first) = try state(of: leader), let rate = first.chosen.rate else { return .waiting }
      search = RateSearch(rates: [rate], extensions: 0)
      leaderIsInside = first.isInside
    }
    var probe: Selection?
    if let index = cell.probe {
      guard case .chosen(let before) = try state(of: index) else { return .waiting }
      guard !before.hasDiverged else {
        // What cannot begin cannot do better than where it would have begun.
        let selection = Selection(
          cell: cell, chosen: before.chosen, result: before.result, score: before.score, runs: [],
          isInside: before.isInside)
        selections[index] = selection
        return .chosen(selection)
      }
      probe = before
    }
    var runs: [Double: [(run: PlannedRun, result: RunResult?)]] = [:]
    var scores: [Double: RateScore] = [:]
    func tried(_ rate: Double) throws -> RateScore? {
      guard runs[rate] == nil else { return scores[rate] }
      let all = try cell.trials.map { trial in
        let run = try planned(index, rate, trial, after: probe)
        return (run: run, result: try result(of: run))
      }
      runs[rate] = all
      scores[rate] = RateScore(of: all.map(\.result), by: cell.base.task.metrics)
      return scores[rate]
    }
    var failure: (any Error)?
    let state = search.state(
      isKnown: { rate in
        do { return try tried(rate) != nil } catch {
          failure = error
          return false
        }
      },
      isBetter: { a, b in
        guard let first = scores[a], let second = scores[b] else { return false }
        return first.isBetter(at: a, than: second, at: b)
      })
    if let failure { throw failure }
    for rate in state.tried { _ = try tried(rate) }
    var known = state.tried.flatMap { runs[$0] ?? [] }.map(\.run)
    guard let best = state.best, let score = scores[best], let all = runs[best] else { return .searching(known) }
    var chosen = all.first { $0.result?.divergedAt != nil } ?? all[0]
    if cell.endsWithRefit, !score.hasDiverged {
      let refit = try planned(index, best, .refit, after: probe)
      chosen = (refit, try result(of: refit))
      known.append(refit)
    }
    guard let result = chosen.result else { return .searching(known) }
    let selection = Selection(
      cell: cell, chosen: chosen.run, result: result, score: score, runs: known,
      isInside: leaderIsInside ?? state.isInside)
    selections[index] = selection
    return .chosen(selection)
  }

  /// A run of a cell, which begins with what the same images were probed with, where it begins with a probe.
  private mutating func planned(
    _ index: Int, _ rate: Double, _ trial: Cell.Trial, after probe: Selection?
  ) throws -> PlannedRun {
    let before = probe?.run(of: trial)
    let place = Place(cell: index, rate: rate, trial: trial, probe: before?.directory.name)
    let run = try planned[place] ?? plan.run(of: plan.cells[index], rate: rate, trial, after: before)
    planned[place] = run
    return run
  }

  /// The selection of a cell, once its search is over.
  package mutating func selection(of index: Int) throws -> Selection? {
    guard case .chosen(let selection) = try state(of: index) else { return nil }
    return selection
  }

  /// Every run known so far, source models first, each once.
  package mutating func runs() throws -> [PlannedRun] {
    var known: Set<String> = []
    var runs = plan.sources
    for index in plan.cells.indices {
      switch try state(of: index) {
      case .waiting: break
      case .searching(let more): runs += more
      case .chosen(let selection): runs += selection.runs
      }
    }
    return runs.filter { known.insert($0.directory.name).inserted }
  }

  /// Jobs as known so far, each once, in the order to do them: those that are done, and those that are open.
  package mutating func jobs() throws -> (done: [StudyJob], open: [StudyJob]) {
    var known: Set<String> = []
    var (done, open): ([StudyJob], [StudyJob]) = ([], [])
    func add(_ job: StudyJob, isDone: Bool) {
      guard known.insert(job.key).inserted else { return }
      if isDone { done.append(job) } else { open.append(job) }
    }
    for source in plan.sources {
      add(.train(source, after: nil), isDone: try result(of: source) != nil)
      add(.testSource(source), isDone: try testAccuracy(of: source) != nil)
    }
    for index in plan.cells.indices {
      let source = plan.cells[index].sourceModel
      switch try state(of: index) {
      case .waiting: break
      case .searching(let runs):
        for run in runs { add(.train(run, after: source), isDone: try result(of: run) != nil) }
      case .chosen(let selection):
        for run in selection.runs { add(.train(run, after: source), isDone: true) }
        if !selection.hasDiverged { add(.test(selection), isDone: try testAccuracy(of: selection.chosen) != nil) }
      }
    }
    return (done, open)
  }

  /// Jobs that will come once what they build on is known: a cell's first rates with its refit and its test.
  package mutating func jobsToCome() throws -> [StudyWork.Expected] {
    var expected: [StudyWork.Expected] = []
    for index in plan.cells.indices {
      let cell = plan.cells[index]
      switch try state(of: index) {
      case .waiting:
        let rates = cell.leader == nil ? cell.search.rates.count : 1
        expected.append(.init(cell: cell, trials: rates * cell.trials.count, refits: cell.endsWithRefit ? 1 : 0))
      case .searching(let runs):
        let isRefit = cell.endsWithRefit && runs.last?.fold == nil
        expected.append(.init(cell: cell, trials: 0, refits: cell.endsWithRefit && !isRefit ? 1 : 0))
      case .chosen: break
      }
    }
    return expected
  }
}
