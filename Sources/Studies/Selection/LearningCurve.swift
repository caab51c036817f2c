internal import Statistics
package import Training

/// A run's epochs, read back from its log.
package struct LearningCurve: Sendable, Equatable {
  /// The results of one epoch.
  package struct Epoch: Sendable, Equatable {
    /// The epoch, counted from 1.
    package var epoch: Int
    /// Mean over the epoch's steps, with what is drawn at random in training.
    package var trainLoss: Double
    /// The share of right answers over the epoch's steps; nil for a detector.
    package var trainAccuracy: Double?
    /// The validation loss; nil without validation.
    package var validationLoss: Double?
    /// The validation accuracy, or of a detector the metric that selects; nil without validation.
    package var validationAccuracy: Double?

    /// An epoch that is known.
    package init(
      epoch: Int, trainLoss: Double, trainAccuracy: Double?, validationLoss: Double?, validationAccuracy: Double?
    ) {
      (self.epoch, self.trainLoss, self.trainAccuracy) = (epoch, trainLoss, trainAccuracy)
      (self.validationLoss, self.validationAccuracy) = (validationLoss, validationAccuracy)
    }
  }

  /// The epochs, in order.
  package var epochs: [Epoch]

  /// - Throws: `FileError` if the log is not there or damaged.
  package init(of run: PlannedRun) throws {
    try self.init(of: run.directory, metric: run.configuration.comparedBy)
  }

  /// - Parameter metric: the one that stands for accuracy.
  /// - Throws: `FileError` if the log is not there or damaged.
  package init(of run: RunDirectory, metric: Metric = Classification.metrics[0]) throws {
    epochs = try MetricsLog.records(in: run.metrics).compactMap { record in
      guard let epoch = record.values["epoch"].flatMap({ Int(exactly: $0) }), let loss = record.values["trainLoss"]
      else { return nil }
      return Epoch(
        epoch: epoch, trainLoss: loss, trainAccuracy: record.values["trainAccuracy"],
        validationLoss: record.values["validationLoss"], validationAccuracy: record.values[metric.validationKey])
    }
  }

  /// The training of one run beside the mean validation of others, such as a refit's and its folds'.
  /// - Parameter folds: curves of as many epochs.
  package init(training run: LearningCurve, validation folds: [LearningCurve]) {
    epochs = run.epochs
    for index in epochs.indices {
      let others = folds.compactMap { $0.epochs.indices.contains(index) ? $0.epochs[index] : nil }
      epochs[index].validationLoss = Estimate(others.compactMap(\.validationLoss))?.mean
      epochs[index].validationAccuracy = Estimate(others.compactMap(\.validationAccuracy))?.mean
    }
  }

  /// The epoch of a number counted from 1; nil where the log has none.
  package subscript(epoch number: Int) -> Epoch? { epochs.first { $0.epoch == number } }
}
