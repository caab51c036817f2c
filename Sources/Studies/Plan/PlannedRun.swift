package import Training

/// A run that a study needs, in the directory named by its configuration.
package struct PlannedRun: Sendable, Equatable {
  package var configuration: Configuration
  package var directory: RunDirectory
  package var arm: String
  package var seed: UInt64
  /// The learning rate of fine-tuning; nil for a source model.
  package var learningRate: Double?

  /// The part of cross-validation that it is; nil for all other runs.
  package var fold: Int? { configuration.data.fold?.index }
}
