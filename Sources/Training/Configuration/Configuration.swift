/// Every knob of one training run.
package struct Configuration: Codable, Sendable, Equatable {
  /// Fixes initialisation, order, sizes and dropout.
  package var seed: UInt64
  /// Threads of computation; results depend on them only where the network's do.
  package var threads: Int
  package var data: DataConfiguration
  /// Weights to begin with; nil trains from scratch.
  package var weights: WeightsConfiguration?
  /// Patterns of parameter names that stay as they are, such as `features.*`.
  package var freeze: [String]
  package var epochs: Int
  package var checkpoint: CheckpointConfiguration
}
