/// The result of a finished run; its file marks the run as finished.
package struct RunResult: Sendable, Equatable {
  /// Epochs trained.
  package var epochs: Int
  /// Optimizer steps done.
  package var steps: Int
  /// The epoch with the best validation metrics, or the last one without validation, counted from 1.
  package var bestEpoch: Int
  /// The validation metrics of the best weights, by name; only finite ones. Empty without validation.
  package var validation: [String: Double]
  /// The step at which the run diverged; nil if it did not. Such a run counts with the worst metrics.
  package var divergedAt: Int?

  /// The result of a run that finished.
  package init(epochs: Int, steps: Int, bestEpoch: Int, validation: [String: Double]) {
    (self.epochs, self.steps, self.bestEpoch, self.validation) = (epochs, steps, bestEpoch, validation.finite)
  }

  /// The result of a run that diverged at a step.
  package init(divergedAt step: Int, metrics: [Metric]) {
    self.init(epochs: 0, steps: step, bestEpoch: 0, validation: metrics.worst)
    divergedAt = step
  }
}

/// Metrics lie beside the other keys, such as `validationAccuracy`.
extension RunResult: Codable {
  private enum CodingKeys: String, CodingKey { case epochs, steps, bestEpoch, divergedAt }

  /// Decodes a `result.json`.
  /// - Throws: `DecodingError` for a missing key.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    epochs = try container.decode(Int.self, forKey: .epochs)
    steps = try container.decode(Int.self, forKey: .steps)
    bestEpoch = try container.decode(Int.self, forKey: .bestEpoch)
    divergedAt = try container.decodeIfPresent(Int.self, forKey: .divergedAt)
    validation = try decoder.metrics(of: .validation)
  }

  /// Encodes a `result.json`.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(epochs, forKey: .epochs)
    try container.encode(steps, forKey: .steps)
    try container.encode(bestEpoch, forKey: .bestEpoch)
    try container.encodeIfPresent(divergedAt, forKey: .divergedAt)
    try encoder.encode(validation, of: .validation)
  }
}
