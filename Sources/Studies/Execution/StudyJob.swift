package import Training

/// A piece of work that one process of its own does.
package enum StudyJob: Sendable, Equatable {
  case train(PlannedRun, after: RunDirectory?)
  case testSource(PlannedRun)
  case test(Cell)

  /// What it is called in messages.
  package var name: String {
    switch self {
    case .train(let run, after: _): "training \(run.directory.path) (\(run.arm), seed \(run.seed))"
    case .testSource(let run): "testing \(run.directory.path) (source model \(run.arm), seed \(run.seed))"
    case .test(let cell): "testing \(cell.arm) on \(cell.target), \(cell.start.rawValue), seed \(cell.seed)"
    }
  }

  /// Whether its result is there.
  package func isDone() throws -> Bool {
    switch self {
    case .train(let run, after: _): try run.directory.loadResult() != nil
    case .testSource(let run): try StudyPlan.testAccuracy(of: run) != nil
    case .test(let cell): try cell.selection()?.testAccuracy() != nil
    }
  }

  /// The arguments for `bulkhead`; nil until what it builds on is done.
  package func arguments() throws -> [String]? {
    switch self {
    case .train(let run, after: let source):
      if let source, try source.loadResult() == nil { return nil }
      return ["resume", run.directory.path, "--attended"]
    case .testSource(let run):
      return try run.directory.loadResult() == nil ? nil : StudyPlan.testArguments(ofSource: run)
    case .test(let cell):
      return try cell.selection()?.testArguments
    }
  }

  /// The run that it is about; of a cell's test, the chosen one.
  package func directory() throws -> RunDirectory {
    switch self {
    case .train(let run, after: _), .testSource(let run): run.directory
    case .test(let cell): (try cell.selection()?.chosen ?? cell.runs[0]).directory
    }
  }

  /// The file in the run's directory for the messages of its process.
  package var logName: String {
    if case .train = self { "log.txt" } else { "test-log.txt" }
  }
}

extension Cell {
  /// The choice among the cell's runs, once all are finished.
  package func selection() throws -> Selection? {
    Selection(in: self, results: try runs.map { try $0.directory.loadResult() })
  }
}

extension StudyPlan {
  /// Everything that is to be done: source models first, then each cell with its test after its runs.
  package var jobs: [StudyJob] {
    sources.map { .train($0, after: nil) } + sources.map { .testSource($0) }
      + cells.flatMap { cell in cell.runs.map { .train($0, after: cell.source) } + [.test(cell)] }
  }
}
