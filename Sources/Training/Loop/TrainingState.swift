internal import Kernels
package import Layers

/// Everything of a run besides tensors that its continuation depends on; JSON in a checkpoint.
///
/// The random state is the seed and the step: order, sizes, dropout are functions of them.
package struct TrainingState: Codable, Sendable, Equatable {
  /// The version of this description.
  package static let version = 1

  package var version = Self.version
  package var configuration: Configuration
  package var environment: Environment
  package var classNames: [String]
  package var channels: Int
  /// Whether the dataset has boxes, so that regions are pooled.
  package var hasBoxes: Bool
  /// Training samples of the run, to notice another dataset under the old name.
  package var sampleCount: Int
  /// Steps done, over all epochs.
  package var step = 0
  package var stepsPerEpoch: Int
  /// What made the feature maps that the run trains on; nil for images.
  package var features: FeatureBackbone?
  /// Sums over the steps of the epoch that is under way.
  package var epochLoss = 0.0
  package var epochCorrect = 0
  package var epochSamples = 0
  package var best: Best?

  /// The epoch with the highest validation accuracy so far; of equals the one with the lowest loss, then the first.
  package struct Best: Codable, Sendable, Equatable {
    /// Counted from 1.
    package var epoch: Int
    package var accuracy: Double
    /// nil where no prediction was finite.
    package var loss: Double?

    func isBeaten(by other: Best) -> Bool {
      other.accuracy != accuracy
        ? other.accuracy > accuracy : (other.loss ?? .infinity) < (loss ?? .infinity)
    }
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
    let description = configuration.network
    return try (features.map { description.onFeatures(imageChannels: $0.channels) } ?? description).network(
      channels: channels, classes: classNames.count, regions: hasBoxes)
  }

  /// Whether an epoch's steps are done and its validation is not.
  package var isBetweenEpochs: Bool { epochSamples > 0 && step.isMultiple(of: stepsPerEpoch) }

  /// Whole epochs done.
  package var epoch: Int { step / stepsPerEpoch }
}
