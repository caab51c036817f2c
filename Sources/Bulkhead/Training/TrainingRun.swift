internal import Distribution
internal import Foundation
internal import Support
internal import Training

/// A training run in a directory: started, resumed, checked, evaluated and read by its path.
///
/// A value is a path and holds nothing open. One run at a time works in a directory: a second one, in this process or in
/// another, throws an error of the kind `locked`. Runs in different directories may train at once, each with threads of its
/// own. A run that was stopped at any step and resumed comes to the same bits as one that was not, on the same build,
/// processor and number of threads.
public struct TrainingRun: Sendable, Equatable {
  /// The run's directory; it need not be there before the run starts.
  public let directory: String

  /// The run in a directory.
  public init(directory: String) { self.directory = directory }

  var paths: RunDirectory { RunDirectory(directory) }
  /// What another process is told that wants the directory.
  var holder: String { "\(ProcessInfo.processInfo.processName), TrainingRun" }

  /// Begins the run and trains it.
  ///
  /// Everything is checked before the directory is made, so that a mistake leaves nothing behind.
  /// - Parameters:
  ///   - configuration: written whole into the directory.
  ///   - epochs: how many are done before it returns; all of the configuration's where it is nil.
  ///   - group: the processes that train it together; nil is this one alone.
  ///   - onProgress: called on this thread.
  ///   - isCancelled: looked at after each step and in validation; by default whether the current task is cancelled.
  /// - Returns: the result, or nil where epochs are left.
  /// - Throws: ``BulkheadError``: `exists` where the directory holds a run, `missing` or `invalid` for configuration, data
  ///   and weights, `cancelled` with the state saved, `diverged`, `locked`, or `system`.
  @discardableResult
  public func start(
    _ configuration: TrainingConfiguration, until epochs: Int? = nil, in group: ProcessGroup? = nil,
    onProgress: @escaping (TrainingProgress) -> Void = { _ in },
    isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled }
  ) throws(BulkheadError) -> Outcome? {
    let configuration = try configuration.checked()
    return try reporting {
      try Trainer.start(
        configuration, in: paths, until: epochs, holder: holder, processes: group?.communicator ?? SingleProcess(),
        shouldStop: isCancelled,
        observe: { onProgress(TrainingProgress($0)) })
    }
  }

  /// Resumes the run from its newest checkpoint that verifies.
  ///
  /// - Parameters:
  ///   - dataset: where the dataset lies, if not where the configuration says; it must be the same.
  ///   - allEpochs: more epochs than the run has, to extend it; nil leaves its number.
  ///   - epochs: how many are done before it returns; all of the run's where it is nil.
  ///   - group: the processes that train it together, of any number; nil is this one alone.
  ///   - onProgress: called on this thread.
  ///   - isCancelled: looked at after each step and in validation; by default whether the current task is cancelled.
  /// - Returns: the result, or nil where epochs are left.
  /// - Throws: ``BulkheadError``: `missing` where no run was begun, `invalid` where configuration, data or checkpoints were
  ///   changed, `cancelled` with the state saved, `diverged`, `locked`, or `system`.
  @discardableResult
  public func resume(
    dataset: String? = nil, extendingTo allEpochs: Int? = nil, until epochs: Int? = nil, in group: ProcessGroup? = nil,
    onProgress: @escaping (TrainingProgress) -> Void = { _ in },
    isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled }
  ) throws(BulkheadError) -> Outcome? {
    try reporting {
      let processes: any Communicator = group?.communicator ?? SingleProcess()
      let lock = try processes.doneByFirst { try lockBegun() }
      defer { _ = lock }
      return try Trainer.resumed(
        paths, dataPath: dataset, extendingTo: allEpochs, processes: processes,
        observe: { onProgress(TrainingProgress($0)) }
      )
      .train(until: epochs) { _ in isCancelled() }
    }
  }

  /// Holds the run's directory.
  /// - Throws: `FileError` of the kind `missing` where no run was begun.
  func lockBegun() throws(FileError) -> FileLock {
    guard paths.hasConfiguration else { throw FileError.missing(paths.configuration) }
    return try paths.lock(for: holder)
  }

  private func reporting(_ train: () throws -> RunResult?) throws(BulkheadError) -> Outcome? {
    try translatingErrors {
      do { return try train().map { Outcome($0) } } catch Interruption.stopped {
        throw Interruption.stoppedRun(resume: "TrainingRun.resume()")
      }
    }
  }
}
