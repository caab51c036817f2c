internal import Training

/// A job, done by one child process.
package enum StudyJob: Sendable, Equatable {
  case train(PlannedRun, after: PlannedRun?)
  case testSource(PlannedRun)
  case test(Selection)

  /// The job in words, for messages.
  package var name: String {
    switch self {
    case .train(let run, after: _): "training \(run.directory.path) (\(run.arm), seed \(run.seed))"
    case .testSource(let run): "testing \(run.directory.path) (source model \(run.arm), seed \(run.seed))"
    case .test(let selection): "testing \(selection.cell.name)"
    }
  }

  /// The run that it is about.
  package var run: PlannedRun {
    switch self {
    case .train(let run, after: _), .testSource(let run): run
    case .test(let selection): selection.chosen
    }
  }

  /// The job's identity: two arms that share a run share the job.
  package var key: String {
    if case .train = self { "train \(run.identity)" } else { "test \(run.identity)" }
  }

  /// The finished run that it builds on.
  package var prerequisite: PlannedRun? {
    switch self {
    case .train(_, after: let source): source
    case .testSource(let run): run
    case .test: nil
    }
  }

  /// The arguments for `bulkhead`.
  package var arguments: [String] {
    let directory = run.directory
    if case .testSource(let run) = self {
      precondition(run.learningRate == nil, "StudyJob: only a source model is tested without a selection")
    }
    switch self {
    case .train: return ["resume", directory.path, "--supervised"]
    case .testSource, .test:
      return [
        "evaluate", directory.path, "--weights", "best", "--output", directory.test, "--predictions",
        directory.predictions, "--supervised",
      ]
    }
  }

  /// The file in the run's directory for the messages of its process.
  package var logName: String {
    if case .train = self { "log.txt" } else { "test-log.txt" }
  }
}
