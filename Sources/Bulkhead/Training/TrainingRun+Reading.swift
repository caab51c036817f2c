internal import Support
internal import Training

/// What lies in a run's directory.
extension TrainingRun {
  /// What a finished run came to.
  public struct Outcome: Sendable, Equatable {
    /// Epochs done.
    public let epochs: Int
    /// Optimizer steps done.
    public let steps: Int
    /// The epoch whose weights are kept as the best on validation, counted from 1; the last without validation.
    public let bestEpoch: Int
    /// Of the best weights on validation, by metric: `accuracy`, `balancedAccuracy`, `macroF1` (0 to 1), `loss` (nats)
    /// and others; empty without validation.
    public let validation: [String: Double]
    /// The step at which a number was not finite; nil where that did not happen.
    public let divergedAt: Int?

    init(_ result: RunResult) {
      (epochs, steps, bestEpoch) = (result.epochs, result.steps, result.bestEpoch)
      (validation, divergedAt) = (result.validation, result.divergedAt)
    }
  }

  /// What was measured after a step: a line of `metrics.jsonl`.
  public struct MetricsLine: Sendable, Equatable {
    /// Optimizer steps done.
    public let step: Int
    /// Numbers by name, such as `epoch`, `trainLoss` and `validationAccuracy`; NaN where one was not finite.
    public let values: [String: Double]
  }

  /// Whether a run was begun in the directory.
  public var isBegun: Bool { paths.hasConfiguration }
  /// Whether there is a checkpoint to resume from.
  public var hasCheckpoint: Bool { paths.hasCheckpoint }
  /// The file of the weights that are the best on validation, in Keras's layout; there once an epoch is done.
  public var bestWeights: String { paths.best }
  /// The newest checkpoint: weights, optimizer state and all that resuming needs.
  public var lastCheckpoint: String { paths.last }

  /// The configuration that the run was started with.
  ///
  /// - Throws: ``BulkheadError`` of the kind `missing` where no run was begun, `invalid` where the file is damaged.
  public func configuration() throws(BulkheadError) -> TrainingConfiguration {
    try translatingErrors { TrainingConfiguration(try paths.loadConfiguration()) }
  }

  /// The result; nil where the run is not finished.
  ///
  /// - Throws: ``BulkheadError`` of the kind `invalid` where the file is damaged.
  public func outcome() throws(BulkheadError) -> Outcome? {
    try translatingErrors { try paths.loadResult().map { Outcome($0) } }
  }

  /// What was measured so far, in the order of steps; empty before the first epoch.
  ///
  /// - Throws: ``BulkheadError`` of the kind `invalid` where a line is damaged or out of order.
  public func metrics() throws(BulkheadError) -> [MetricsLine] {
    try translatingErrors {
      guard FileSystem.exists(paths.metrics) else { return [] }
      return try MetricsLog.records(in: paths.metrics).map { MetricsLine(step: $0.step, values: $0.values) }
    }
  }
}
