internal import Kernels
package import Networks

/// Everything of a run besides tensors that its continuation depends on; JSON in a checkpoint.
///
/// The random state is the seed and the step: order, sizes, dropout are functions of them.
package struct TrainingState: Codable, Sendable, Equatable {
  /// The version of this description.
  package static let version = 2

  package var version = Self.version
  package var configuration: Configuration
  package var environment: Environment
  package var classNames: [String]
  package var channels: Int
  /// Whether the dataset has boxes, so that regions are pooled.
  package var hasBoxes: Bool
  /// The CRC-32 of every array of the dataset, to notice another one under the old name.
  package var checksums: [String: UInt32]
  /// Steps done, over all epochs.
  package var step = 0
  package var stepsPerEpoch: Int
  /// What made the feature maps that the run trains on; nil for images.
  package var features: FeatureBackbone?
  /// Sums over the steps of the epoch that is under way.
  package var epochLoss = 0.0
  package var epochCorrect = 0
  package var epochSamples = 0
  /// The best epochs so far, the best of all first, at most as many as are kept.
  package var kept: [Best] = []
  /// What the log held when this was the state.
  package var log = MetricsLog.Extent()
  /// The best epochs at the last regular checkpoint, to which a run may go back.
  package var anchoredEpochs: [Int] = []
  /// Steps left out for numbers that were not finite, all together and without one that was made between.
  package var skipped = 0
  package var skippedInRow = 0
  /// Times that the run went back, each of which halved the rate.
  package var rollbacks = 0

  /// The epoch with the highest validation accuracy; of equals the one with the lowest loss, then the first. The last one
  /// where the data say so.
  package var best: Best? { kept.first }

  /// What an epoch came to.
  package struct Best: Codable, Sendable, Equatable {
    /// Counted from 1.
    package var epoch: Int
    /// On validation; nil where there is none.
    package var accuracy: Double?
    /// The same; nil too where no prediction was finite.
    package var loss: Double?

    func isBeaten(by other: Best) -> Bool {
      other.accuracy != accuracy
        ? other.accuracy ?? 0 > accuracy ?? 0 : (other.loss ?? .infinity) < (loss ?? .infinity)
    }
  }

  /// Takes an epoch among the best, if it is one of them.
  /// - Returns: whether it is.
  mutating func keep(_ measured: Best) -> Bool {
    guard !configuration.data.endsWithLastEpoch else {
      guard measured.epoch >= configuration.epochs else { return false }
      kept = [measured]
      return true
    }
    let place = kept.firstIndex { $0.isBeaten(by: measured) } ?? kept.endIndex
    guard place < configuration.checkpoint.keepBest else { return false }
    kept.insert(measured, at: place)
    if kept.count > configuration.checkpoint.keepBest { kept.removeLast() }
    return true
  }

  /// What the bits of a run depend on beside its configuration.
  package struct Environment: Codable, Sendable, Equatable {
    package var oneDNN: String
    package var instructionSet: String
    package var threads: Int

    /// This process on this machine.
    package static func current(threads: Int) -> Environment {
      Environment(oneDNN: OneDNN.version, instructionSet: OneDNN.instructionSet, threads: threads)
    }
  }

  /// The network as the run trains it.
  ///
  /// - Throws: `ShapeError` where its layers do not fit.
  package func network() throws -> Network {
    try description.network(channels: channels, classes: classNames.count, regions: hasBoxes)
  }

  /// How it takes a source model's weights.
  ///
  /// - Throws: `ShapeError` where its layers do not fit.
  package func transfer() throws -> Transfer {
    try description.transfer(
      channels: channels, classes: classNames.count, regions: hasBoxes, seed: configuration.seed)
  }

  private var description: NetworkDescription {
    features.map { configuration.network.onFeatures(imageChannels: $0.channels) } ?? configuration.network
  }

  /// Whether an epoch's steps are done and its validation is not.
  package var isBetweenEpochs: Bool { epochSamples > 0 && step.isMultiple(of: stepsPerEpoch) }

  /// The step of the last regular checkpoint, which interruptions and deferred saves do not move.
  var anchor: Int {
    // That of an epoch's end is made after its validation.
    let done = isBetweenEpochs ? step - 1 : step
    let stride = configuration.checkpoint.everyEpochs * stepsPerEpoch
    let ofSteps = configuration.checkpoint.everySteps.map { done / $0 * $0 } ?? 0
    return max(done / stride * stride, ofSteps)
  }

  /// Whether so many epochs have passed without a better one that the run ends early.
  var isOutOfPatience: Bool {
    guard let patience = configuration.patience, let best, !isBetweenEpochs else { return false }
    return epoch - best.epoch >= patience
  }

  /// Whole epochs done.
  package var epoch: Int { step / stepsPerEpoch }
}
