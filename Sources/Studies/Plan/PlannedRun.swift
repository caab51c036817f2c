package import Training

/// A run of a study, in a directory named by its configuration.
package struct PlannedRun: Sendable, Equatable {
  /// Everything that the run's result depends on.
  package var configuration: Configuration
  /// The run's directory, named by its configuration.
  package var directory: RunDirectory
  /// The name of the arm that it was planned for.
  package var arm: String
  /// The configuration's seed.
  package var seed: UInt64
  /// The learning rate of fine-tuning; nil for a source model.
  package var learningRate: Double?

  /// The part of cross-validation that it is; nil for all other runs.
  package var fold: Int? { configuration.data.fold?.index }
}
