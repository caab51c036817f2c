package import Datasets
internal import Kernels
package import Networks
internal import Support

/// Everything except tensors that resuming a run depends on; JSON in a checkpoint.
///
/// The random state is the seed and the step: order, sizes, dropout are functions of them.
package struct TrainingState: Sendable, Equatable {
  /// The version of this description.
  package static let version = 2

  /// The version that this state was written in.
  package var version = Self.version
  /// The run's configuration.
  package var configuration: Configuration
  /// The machine and libraries that the run began with.
  package var environment: Environment
  /// The name of what the network is trained for.
  package var task: String
  /// The names of the classes, in the order of their labels.
  package var classNames: [String]
  /// Values that the network's last layer gives for each sample.
  package var outputs: Int
  /// How the dataset's images were made of image files; nil for feature maps, and where that was not recorded.
  package var images: ImagePreparation?
  /// Channels of the images or feature maps that the network is fed.
  package var channels: Int
  /// Whether the dataset has boxes, so that regions are pooled.
  package var hasBoxes: Bool
  /// The CRC-32 of every array of the dataset, to notice another one under the old name.
  package var checksums: [String: UInt32]
  /// Steps done, over all epochs.
  package var step = 0
  /// Optimizer steps per epoch.
  package var stepsPerEpoch: Int
  /// The backbone that made the feature maps; nil for images.
  package var features: FeatureBackbone?
  /// Sums over the steps of the current epoch.
  package var sums: EpochSums
  /// The best epochs so far, the best of all first, at most as many as are kept.
  package var kept: [Best] = []
  /// The extent of the metrics log at this state.
  package var log = MetricsLog.Extent()
  /// The best epochs at the last regular checkpoint, which a run may roll back to.
  package var anchoredEpochs: [Int] = []
  /// Steps skipped because a value was not finite.
  package var skipped = 0
  /// Consecutive steps skipped up to now.
  package var skippedInRow = 0
  /// Rollbacks so far, each of which halved the learning rate.
  package var rollbacks = 0

  /// The best epoch by the task's validation metrics; the first of equals. The last epoch without validation.
  package var best: Best? { kept.first }

  /// The results of one epoch.
  package struct Best: Sendable, Equatable {
    /// The epoch, counted from 1.
    package var epoch: Int
    /// The validation metrics, by name; only finite ones. Empty without validation.
    package var metrics: [String: Double]

    init(epoch: Int, metrics: [String: Double]) { (self.epoch, self.metrics) = (epoch, metrics.finite) }
  }

  /// Takes an epoch among the best by metrics, if it is one of them.
  /// - Returns: whether it is.
  mutating func keep(_ measured: Best, by metrics: [Metric]) -> Bool {
    guard !configuration.data.endsWithLastEpoch else {
      guard measured.epoch >= configuration.epochs else { return false }
      kept = [measured]
      return true
    }
    let place = kept.firstIndex { metrics.prefers(measured.metrics, to: $0.metrics) } ?? kept.endIndex
    guard place < configuration.checkpoint.keepBest else { return false }
    kept.insert(measured, at: place)
    if kept.count > configuration.checkpoint.keepBest { kept.removeLast() }
    return true
  }

  /// What a run's bits depend on besides its configuration.
  package struct Environment: Codable, Sendable, Equatable {
    /// The version of oneDNN.
    package var oneDNN: String
    /// The instruction set that oneDNN uses, such as `AVX2`.
    package var instructionSet: String
    /// The number of threads.
    package var threads: Int

    /// This process on this machine.
    package static func current(threads: Int) -> Environment {
      Environment(oneDNN: OneDNN.version, instructionSet: OneDNN.instructionSet, threads: threads)
    }
  }

  /// The state before the first step.
  init(
    configuration: Configuration, environment: Environment, task: some TrainingTask, classNames: [String],
    images: ImagePreparation?, channels: Int, hasBoxes: Bool, checksums: [String: UInt32], stepsPerEpoch: Int,
    features: FeatureBackbone?
  ) {
    (self.configuration, self.environment, self.classNames) = (configuration, environment, classNames)
    (self.task, outputs, sums) = (type(of: task).name, task.outputs, EpochSums(counting: type(of: task).counts))
    (self.images, self.channels, self.hasBoxes, self.checksums) = (images, channels, hasBoxes, checksums)
    (self.stepsPerEpoch, self.features) = (stepsPerEpoch, features)
  }

  /// What a dataset has that the run's own had not, in words; nil where it is the same.
  package func difference(from dataset: Dataset) -> String? {
    guard classNames == dataset.classNames else {
      return "its classes are \(dataset.classNames.listed), the run's are \(classNames.listed)"
    }
    let now = dataset.checksums
    let changed = Set(checksums.keys).union(now.keys).filter { checksums[$0] != now[$0] }.sorted()
    return changed.isEmpty ? nil : "other values in \(changed.joined(separator: ", "))"
  }

  /// The run's task: the given one, or the configuration's.
  ///
  /// - Throws: `TrainingError` where that is not the task that it began with.
  func task(_ given: (any TrainingTask.Type)?, path: String) throws(TrainingError) -> any TrainingTask {
    let type = given ?? configuration.task
    guard type.name == task else {
      throw TrainingError("\(path): the run's task is \(task), expected \(type.name); use the program that trained it")
    }
    return try type.init(configuration, classNames: classNames)
  }

  /// The network as the run trains it.
  ///
  /// - Throws: `ShapeError` where its layers do not fit.
  package func network() throws -> Network {
    try description.network(channels: channels, classes: outputs, regions: hasBoxes)
  }

  /// How it takes a source model's weights.
  ///
  /// - Throws: `ShapeError` where its layers do not fit.
  package func transfer() throws -> Transfer {
    try description.transfer(
      channels: channels, classes: outputs, regions: hasBoxes, seed: configuration.seed)
  }

  private var description: NetworkDescription {
    let own = features.map { configuration.network.onFeatures(imageChannels: $0.channels) } ?? configuration.network
    return configuration.task.described(own, by: configuration, classes: classNames.count)
  }

  /// Whether an epoch's steps are done and its validation is not.
  package var isBetweenEpochs: Bool { sums.samples > 0 && step.isMultiple(of: stepsPerEpoch) }

  /// The step of the last regular checkpoint, which interruptions and deferred saves do not move.
  var anchor: Int {
    // That of an epoch's end is made after its validation.
    let done = isBetweenEpochs ? step - 1 : step
    let stride = configuration.checkpoint.everyEpochs * stepsPerEpoch
    let ofSteps = configuration.checkpoint.everySteps.map { done / $0 * $0 } ?? 0
    return max(done / stride * stride, ofSteps)
  }

  /// Whether early stopping ends the run: `patience` epochs have passed without an improvement.
  var isOutOfPatience: Bool {
    guard let patience = configuration.patience, let best, !isBetweenEpochs else { return false }
    return epoch - best.epoch >= patience
  }

  /// Whole epochs done.
  package var epoch: Int { step / stepsPerEpoch }
}
