internal import Support
internal import Training

/// Whether a run is as it was written.
extension TrainingRun {
  /// One thing that a verification looked at.
  public struct Finding: Sendable, Equatable {
    /// The file.
    public let path: String
    /// What the file holds, or what is wrong with it.
    public let text: String
    /// Whether it is as it was written.
    public let isGood: Bool
  }

  /// Reads everything in the run's directory, and its dataset, and compares it with checksums and with each other.
  ///
  /// - Parameters:
  ///   - dataset: where the dataset lies, if not where the configuration says.
  ///   - isCancelled: looked at before each file; by default whether the current task is cancelled.
  /// - Returns: a finding per file; a damaged file is a finding and no error.
  /// - Throws: ``BulkheadError``: `missing` where no run was begun, `locked`, or `cancelled`.
  public func verify(
    dataset: String? = nil, isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled }
  ) throws(BulkheadError) -> [Finding] {
    try translatingErrors {
      let lock = try lockBegun()
      defer { _ = lock }
      return try RunVerification(paths, dataPath: dataset, shouldStop: isCancelled).findings.map {
        Finding(path: $0.path, text: $0.text, isGood: $0.isGood)
      }
    }
  }

  /// Repeats the stretch between the run's two newest checkpoints and compares every bit of the state.
  ///
  /// - Parameters:
  ///   - dataset: where the dataset lies, if not where the configuration says.
  ///   - onProgress: called on this thread.
  ///   - isCancelled: looked at after each step; by default whether the current task is cancelled.
  /// - Returns: the steps that were repeated.
  /// - Throws: ``BulkheadError``: `invalid` where it comes to other bits or there are no two checkpoints, `missing`,
  ///   `locked`, or `cancelled`.
  public func prove(
    dataset: String? = nil, onProgress: @escaping (TrainingProgress) -> Void = { _ in },
    isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled }
  ) throws(BulkheadError) -> ClosedRange<Int> {
    try translatingErrors {
      let lock = try lockBegun()
      defer { _ = lock }
      let stretch = try Replay.prove(
        paths, dataPath: dataset, shouldStop: { _ in isCancelled() }, observe: { onProgress(TrainingProgress($0)) })
      return stretch.from + 1...stretch.to
    }
  }
}
