internal import Training

/// How the classes of a dataset are matched with a network's.
public enum ClassMatchingRule: Sendable, Equatable {
  /// By equal names, then by names that differ in case, spaces, `_` or `-` alone; others are left out. A map gives the
  /// network's names of classes that have other names in the dataset, or nil for one that is left out.
  case byName(map: [String: String?] = [:])
  /// By position: label 0 is the network's first output, whatever the two are called.
  case byPosition
}

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
  /// Classes of a dataset that the network does not have are left out. The drop of each compares with the same split and
  /// classes of the run's own dataset, which is evaluated too if its file is there.
  /// - Parameters:
  ///   - datasets: dataset files; the run's own where there are none.
  ///   - split: the part of each dataset.
  ///   - weights: of the best epoch on validation, or of the last one.
  ///   - classes: how a dataset's classes are matched with the network's.
  ///   - calibrate: whether a temperature is fitted on the run's validation samples, and its effect reported.
  ///   - onProgress: called on this thread with a dataset's path, the samples done and all of them.
  ///   - isCancelled: looked at between batches; by default whether the current task is cancelled.
  /// - Returns: an evaluation per dataset, in their order.
  /// - Throws: ``BulkheadError``: `missing` where the run has no weights yet or a dataset is not there, `invalid` where a
  ///   dataset's classes or channels are not the network's or the run's own dataset was changed, or `cancelled`.
  public func evaluate(
    on datasets: [String] = [], split: LabeledDataset.Split = .test, weights: Weights = .best,
    classes: ClassMatchingRule = .byName(), calibrate: Bool = false,
    onProgress: (_ dataset: String, _ done: Int, _ total: Int) -> Void = { _, _, _ in },
    isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled }
  ) throws(BulkheadError) -> [ClassificationEvaluation] {
    try translatingErrors {
      try RunEvaluator(paths, weights: weights == .best ? .best : .last)
        .evaluations(on: datasets, split, classes, calibrate, isCancelled, onProgress)
    }
  }

  /// Evaluates a detector, a run of `task: detection`, on a split of one or more datasets.
  ///
  /// - Parameters:
  ///   - datasets: dataset files; the run's own where there are none.
  ///   - split: the part of each dataset.
  ///   - weights: of the best epoch on validation, or of the last one.
  ///   - classes: how a dataset's classes are matched with the network's.
  ///   - onProgress: called on this thread with a dataset's path, the images done and all of them.
  ///   - isCancelled: looked at between batches; by default whether the current task is cancelled.
  /// - Returns: an evaluation per dataset, in their order.
  /// - Throws: ``BulkheadError`` as ``evaluate(on:split:weights:classes:calibrate:onProgress:isCancelled:)``, and of the kind
  ///   `invalid` for the run of a classifier.
  public func evaluateDetector(
    on datasets: [String] = [], split: LabeledDataset.Split = .test, weights: Weights = .best,
    classes: ClassMatchingRule = .byName(),
    onProgress: (_ dataset: String, _ done: Int, _ total: Int) -> Void = { _, _, _ in },
    isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled }
  ) throws(BulkheadError) -> [DetectionEvaluation] {
    try translatingErrors {
      try RunEvaluator(paths, weights: weights == .best ? .best : .last).evaluate(
        as: Detection.self, on: datasets, split: split.value, classes: classes.value, shouldStop: isCancelled,
        progress: onProgress
      ).domains.map { DetectionEvaluation($0, split: split) }
    }
  }
}

extension TrainingConfiguration {
  /// Evaluates the file that ``weights`` names as it is, without training.
  ///
  /// The classes of the run that trained the weights name the network's outputs; of other files those of the configuration's
  /// dataset.
  /// - Parameters:
  ///   - datasets: dataset files; the configuration's own where there are none.
  ///   - split: the part of each dataset.
  ///   - classes: how a dataset's classes are matched with the network's.
  ///   - calibrate: whether a temperature is fitted on the configuration's validation samples, and its effect reported.
  ///   - onProgress: called on this thread with a dataset's path, the samples done and all of them.
  ///   - isCancelled: looked at between batches; by default whether the current task is cancelled.
  /// - Returns: an evaluation per dataset, in their order.
  /// - Throws: ``BulkheadError``: `missing` or `invalid` for weights and datasets that cannot be used, or `cancelled`.
  public func evaluate(
    on datasets: [String] = [], split: LabeledDataset.Split = .test, classes: ClassMatchingRule = .byName(),
    calibrate: Bool = false,
    onProgress: (_ dataset: String, _ done: Int, _ total: Int) -> Void = { _, _, _ in },
    isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled }
  ) throws(BulkheadError) -> [ClassificationEvaluation] {
    let configuration = try checked()
    return try translatingErrors {
      try RunEvaluator(configuration).evaluations(on: datasets, split, classes, calibrate, isCancelled, onProgress)
    }
  }
}

extension RunEvaluator {
  fileprivate func evaluations(
    on datasets: [String], _ split: LabeledDataset.Split, _ classes: ClassMatchingRule, _ calibrate: Bool,
    _ shouldStop: () -> Bool, _ progress: (_ path: String, _ done: Int, _ total: Int) -> Void
  ) throws -> [ClassificationEvaluation] {
    let evaluator = try calibrate ? calibrated(shouldStop: shouldStop, progress: progress) : self
    return try evaluator.evaluate(
      as: Classification.self, on: datasets, split: split.value, classes: classes.value, shouldStop: shouldStop,
      progress: progress
    ).domains.map { ClassificationEvaluation($0, split: split) }
  }
}

extension ClassMatchingRule {
  /// The module's own.
  var value: ClassRule {
    switch self {
    case .byName(let map): .byName(map.isEmpty ? nil : ClassMap(map))
    case .byPosition: .byPosition
    }
  }
}
