/// Runs on a thread of their own: cancelling the task ends them with the state saved.
extension TrainingRun {
  /// Begins the run and trains it on a thread of its own; cancelling the task ends it with the state saved.
  ///
  /// - Parameters:
  ///   - configuration: written whole into the directory.
  ///   - epochs: how many are done before it returns; all of the configuration's where it is nil.
  ///   - onProgress: called on the run's thread.
  /// - Returns: the result, or nil where epochs are left.
  /// - Throws: ``BulkheadError``, as the synchronous function does.
  @discardableResult
  public func start(
    _ configuration: TrainingConfiguration, until epochs: Int? = nil,
    onProgress: @escaping @Sendable (TrainingProgress) -> Void = { _ in }
  ) async throws(BulkheadError) -> Outcome? {
    try await onOwnThread { isCancelled throws(BulkheadError) in
      try start(configuration, until: epochs, onProgress: onProgress, isCancelled: isCancelled)
    }
  }

  /// Resumes the run on a thread of its own; cancelling the task ends it with the state saved.
  ///
  /// - Parameters:
  ///   - dataset: where the dataset lies, if not where the configuration says; it must be the same.
  ///   - allEpochs: more epochs than the run has, to extend it; nil leaves its number.
  ///   - epochs: how many are done before it returns; all of the run's where it is nil.
  ///   - onProgress: called on the run's thread.
  /// - Returns: the result, or nil where epochs are left.
  /// - Throws: ``BulkheadError``, as the synchronous function does.
  @discardableResult
  public func resume(
    dataset: String? = nil, extendingTo allEpochs: Int? = nil, until epochs: Int? = nil,
    onProgress: @escaping @Sendable (TrainingProgress) -> Void = { _ in }
  ) async throws(BulkheadError) -> Outcome? {
    try await onOwnThread { isCancelled throws(BulkheadError) in
      try resume(
        dataset: dataset, extendingTo: allEpochs, until: epochs, onProgress: onProgress, isCancelled: isCancelled)
    }
  }

  /// Evaluates the run's network on a thread of its own; cancelling the task ends it.
  ///
  /// - Parameters:
  ///   - datasets: dataset files; the run's own where there are none.
  ///   - split: the part of each dataset.
  ///   - weights: of the best epoch on validation, or of the last one.
  ///   - classes: how a dataset's classes are matched with the network's.
  ///   - calibrate: whether a temperature is fitted on the run's validation samples, and its effect reported.
  ///   - onProgress: called on that thread with a dataset's path, the samples done and all of them.
  /// - Throws: ``BulkheadError``, as the synchronous function does.
  public func evaluate(
    on datasets: [String] = [], split: LabeledDataset.Split = .test, weights: Weights = .best,
    classes: ClassMatchingRule = .byName(), calibrate: Bool = false,
    onProgress: @escaping @Sendable (_ dataset: String, _ done: Int, _ total: Int) -> Void = { _, _, _ in }
  ) async throws(BulkheadError) -> [ClassificationEvaluation] {
    try await onOwnThread { isCancelled throws(BulkheadError) in
      try evaluate(
        on: datasets, split: split, weights: weights, classes: classes, calibrate: calibrate, onProgress: onProgress,
        isCancelled: isCancelled)
    }
  }

  /// Evaluates a detector on a thread of its own; cancelling the task ends it.
  ///
  /// - Parameters:
  ///   - datasets: dataset files; the run's own where there are none.
  ///   - split: the part of each dataset.
  ///   - weights: of the best epoch on validation, or of the last one.
  ///   - classes: how a dataset's classes are matched with the network's.
  ///   - onProgress: called on that thread with a dataset's path, the images done and all of them.
  /// - Throws: ``BulkheadError``, as the synchronous function does.
  public func evaluateDetector(
    on datasets: [String] = [], split: LabeledDataset.Split = .test, weights: Weights = .best,
    classes: ClassMatchingRule = .byName(),
    onProgress: @escaping @Sendable (_ dataset: String, _ done: Int, _ total: Int) -> Void = { _, _, _ in }
  ) async throws(BulkheadError) -> [DetectionEvaluation] {
    try await onOwnThread { isCancelled throws(BulkheadError) in
      try evaluateDetector(
        on: datasets, split: split, weights: weights, classes: classes, onProgress: onProgress,
        isCancelled: isCancelled)
    }
  }

  /// Predicts the classes of images without labels on a thread of its own; cancelling the task ends it.
  ///
  /// - Parameters:
  ///   - images: image files, folders with all the images in them, and dataset files.
  ///   - boxes: a CSV file of regions, for networks that pool regions; nil predicts whole images.
  ///   - boxUnit: of the numbers in the file; nil takes them for pixels, and throws where none is above 1.
  ///   - weights: of the best epoch on validation, or of the last one.
  ///   - top: how many classes are listed for each image, at most.
  ///   - temperature: what logits are divided by.
  ///   - onUnreadable: called on that thread with the message of each file that cannot be read; nil throws at the first.
  ///   - onProgress: called on that thread with the images done and all of them.
  /// - Throws: ``BulkheadError``, as the synchronous function does.
  public func predict(
    images: [String], boxes: String? = nil, boxUnit: DatasetPreparation.BoxReading.Unit? = nil,
    weights: Weights = .best, top: Int = 1, temperature: Double = 1,
    onUnreadable: (@Sendable (_ message: String) -> Void)? = nil,
    onProgress: @escaping @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) async throws(BulkheadError) -> [ImagePrediction] {
    try await onOwnThread { isCancelled throws(BulkheadError) in
      try predict(
        images: images, boxes: boxes, boxUnit: boxUnit, weights: weights, top: top, temperature: temperature,
        onUnreadable: onUnreadable, onProgress: onProgress, isCancelled: isCancelled)
    }
  }

  /// Writes a page about the run on a thread of its own; cancelling the task ends it.
  ///
  /// - Parameters:
  ///   - page: what it shows and where it is written.
  ///   - onProgress: called on that thread with a dataset's path, the samples done and all of them.
  /// - Returns: the page's path.
  /// - Throws: ``BulkheadError``, as the synchronous function does.
  @discardableResult
  public func writePage(
    _ page: RunPage = RunPage(),
    onProgress: @escaping @Sendable (_ dataset: String, _ done: Int, _ total: Int) -> Void = { _, _, _ in }
  ) async throws(BulkheadError) -> String {
    try await onOwnThread { isCancelled throws(BulkheadError) in
      try writePage(page, onProgress: onProgress, isCancelled: isCancelled)
    }
  }

  /// Writes a page about the run again and again on a thread of its own, until the run has ended or the task is cancelled.
  ///
  /// - Parameters:
  ///   - page: what it shows and where it is written.
  ///   - onWrite: called on that thread with the page's path after each write.
  /// - Throws: ``BulkheadError``, as the synchronous function does.
  public func followPage(
    _ page: RunPage = RunPage(), onWrite: @escaping @Sendable (_ path: String) -> Void = { _ in }
  ) async throws(BulkheadError) {
    try await onOwnThread { isCancelled throws(BulkheadError) in
      try followPage(page, onWrite: onWrite, isCancelled: isCancelled)
    }
  }

  /// Verifies the run on a thread of its own; cancelling the task ends it.
  ///
  /// - Parameter dataset: where the dataset lies, if not where the configuration says.
  /// - Returns: a finding per file; a damaged file is a finding and no error.
  /// - Throws: ``BulkheadError``, as the synchronous function does.
  public func verify(dataset: String? = nil) async throws(BulkheadError) -> [Finding] {
    try await onOwnThread { isCancelled throws(BulkheadError) in
      try verify(dataset: dataset, isCancelled: isCancelled)
    }
  }

  /// Repeats the stretch between the two newest checkpoints on a thread of its own; cancelling the task ends it.
  ///
  /// - Parameters:
  ///   - dataset: where the dataset lies, if not where the configuration says.
  ///   - onProgress: called on that thread.
  /// - Returns: the steps that were repeated.
  /// - Throws: ``BulkheadError``, as the synchronous function does.
  public func prove(
    dataset: String? = nil, onProgress: @escaping @Sendable (TrainingProgress) -> Void = { _ in }
  ) async throws(BulkheadError) -> ClosedRange<Int> {
    try await onOwnThread { isCancelled throws(BulkheadError) in
      try prove(dataset: dataset, onProgress: onProgress, isCancelled: isCancelled)
    }
  }
}

extension TrainingConfiguration {
  /// Evaluates the file that ``weights`` names on a thread of its own; cancelling the task ends it.
  ///
  /// - Parameters:
  ///   - datasets: dataset files; the configuration's own where there are none.
  ///   - split: the part of each dataset.
  ///   - classes: how a dataset's classes are matched with the network's.
  ///   - calibrate: whether a temperature is fitted on the configuration's validation samples, and its effect reported.
  ///   - onProgress: called on that thread with a dataset's path, the samples done and all of them.
  /// - Throws: ``BulkheadError``, as the synchronous function does.
  public func evaluate(
    on datasets: [String] = [], split: LabeledDataset.Split = .test, classes: ClassMatchingRule = .byName(),
    calibrate: Bool = false,
    onProgress: @escaping @Sendable (_ dataset: String, _ done: Int, _ total: Int) -> Void = { _, _, _ in }
  ) async throws(BulkheadError) -> [ClassificationEvaluation] {
    try await onOwnThread { isCancelled throws(BulkheadError) in
      try evaluate(
        on: datasets, split: split, classes: classes, calibrate: calibrate, onProgress: onProgress,
        isCancelled: isCancelled)
    }
  }
}
