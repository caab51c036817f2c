internal import Training

extension StudyProgress {
  /// Jobs as known so far, each once, in the order to do them: those that are done, and those that are open.
  package var jobs: (done: [StudyJob], open: [StudyJob]) {
    var known: Set<String> = []
    var (done, open): ([StudyJob], [StudyJob]) = ([], [])
    func add(_ job: StudyJob, isDone: Bool) {
      guard known.insert(job.key).inserted else { return }
      if isDone { done.append(job) } else { open.append(job) }
    }
    for entry in entries {
      for run in entry.runs { add(.train(run, after: entry.sourceModel), isDone: result(of: run) != nil) }
      if let test = entry.test { add(test, isDone: testAccuracy(of: test.run) != nil) }
    }
    return (done, open)
  }

  /// Checks that everything is done.
  /// - Throws: `StudyError` with the number of open jobs, and why the first of those that failed did.
  func requireEnd() throws {
    let open = jobs.open
    guard let first = open.first(where: { $0.run.directory.loadFailure() != nil }) ?? open.first else { return }
    let count = open.count + jobsToCome.reduce(0) { $0 + $1.jobs }
    throw StudyError.incomplete(
      count: count, first: first.run.directory.loadFailure() ?? "\(first.name): it was not begun or not ended")
  }

  /// Jobs that follow once their prerequisites are done: a cell's first learning rates, twice the epochs, its refit and its test.
  package var jobsToCome: [StudyWork.Expected] {
    entries.compactMap { entry in
      switch entry {
      case .source, .cell(_, .chosen): return nil
      case .cell(let cell, .waiting):
        return .init(
          cell: cell, trials: cell.rates.rates.count * cell.trials.count,
          doubled: cell.doublings > 0 ? cell.trials.count : 0, refits: cell.endsWithRefit ? 1 : 0)
      case .cell(let cell, .searching(let runs)):
        let isRefit = cell.endsWithRefit && runs.last?.fold == nil
        let isDoubled = isRefit || cell.doublings == 0 || runs.contains { $0.configuration.epochs > cell.base.epochs }
        return .init(
          cell: cell, trials: 0, doubled: isDoubled ? 0 : cell.trials.count,
          refits: cell.endsWithRefit && !isRefit ? 1 : 0)
      }
    }
  }
}

extension StudyProgress.Entry {
  /// The source model that a cell's runs start from.
  fileprivate var sourceModel: PlannedRun? {
    if case .cell(let cell, _) = self { cell.sourceModel } else { nil }
  }

  /// The evaluation on test images, once it is known which run is tested.
  fileprivate var test: StudyJob? {
    switch self {
    case .source(let run, domain: _): .testSource(run)
    case .cell: selection.flatMap { $0.hasDiverged ? nil : .test($0) }
    }
  }
}
