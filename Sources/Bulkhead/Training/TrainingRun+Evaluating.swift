internal import Training

extension TrainingRun {
  /// Which of a run's weights.
  public enum Weights: String, Sendable, CaseIterable {
    /// Of the epoch that is the best on validation.
    case best
    /// Of the newest checkpoint.
    case last
  }

  /// Evaluates the run's network on a split of one or more datasets.
  ///
  /// The drop of each compares with the same split of the run's own dataset, which is evaluated too if its file is there.
  /// - Parameters:
  ///   - datasets: dataset files; the run's own where there are none.
  ///   - split: the part of each dataset.
  ///   - weights: of the best epoch on validation, or of the last one.
  ///   - onProgress: called on this thread with a dataset's path, the samples done and all of them.
  ///   - isCancelled: looked at between batches; by default whether the current task is cancelled.
  /// - Returns: an evaluation per dataset, in their order.
  /// - Throws: ``BulkheadError``: `missing` where the run has no weights yet or a dataset is not there, `invalid` where a
  ///   dataset's classes or channels are not the network's, or `cancelled`.
  public func evaluate(
    on datasets: [String] = [], split: LabeledDataset.Split = .test, weights: Weights = .best,
    onProgress: (_ dataset: String, _ done: Int, _ total: Int) -> Void = { _, _, _ in },
    isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled }
  ) throws(BulkheadError) -> [ClassificationEvaluation] {
    try translatingErrors {
      try RunEvaluator(paths, weights: weights == .best ? .best : .last)
        .evaluations(on: datasets, split, isCancelled, onProgress)
    }
  }
}

extension TrainingConfiguration {
  /// Evaluates the file that ``weights`` names as it is, without training.
  ///
  /// The classes of the configuration's dataset name the network's outputs.
  /// - Parameters:
  ///   - datasets: dataset files; the configuration's own where there are none.
  ///   - split: the part of each dataset.
  ///   - onProgress: called on this thread with a dataset's path, the samples done and all of them.
  ///   - isCancelled: looked at between batches; by default whether the current task is cancelled.
  /// - Returns: an evaluation per dataset, in their order.
  /// - Throws: ``BulkheadError``: `missing` or `invalid` for weights and datasets that cannot be used, or `cancelled`.
  public func evaluate(
    on datasets: [String] = [], split: LabeledDataset.Split = .test,
    onProgress: (_ dataset: String, _ done: Int, _ total: Int) -> Void = { _, _, _ in },
    isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled }
  ) throws(BulkheadError) -> [ClassificationEvaluation] {
    let configuration = try checked()
    return try translatingErrors {
      try RunEvaluator(configuration).evaluations(on: datasets, split, isCancelled, onProgress)
    }
  }
}

extension RunEvaluator {
  fileprivate func evaluations(
    on datasets: [String], _ split: LabeledDataset.Split, _ shouldStop: () -> Bool,
    _ progress: (_ path: String, _ done: Int, _ total: Int) -> Void
  ) throws -> [ClassificationEvaluation] {
    try evaluate(
      as: Classification.self, on: datasets.isEmpty ? [state.configuration.data.path] : datasets, split: split.value,
      shouldStop: shouldStop, progress: progress
    ).domains.map { ClassificationEvaluation($0, split: split) }
  }
}
