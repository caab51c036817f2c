import Serialization

/// When checkpoints are saved, and how many are kept.
package struct CheckpointConfiguration: Codable, Sendable, Equatable {
  /// Epochs between checkpoints; one is also saved at the end of the run and when it is interrupted.
  package var everyEpochs: Int
  /// Steps between additional checkpoints; nil saves none within an epoch.
  package var everySteps: Int?
  /// How many of the newest checkpoints are kept: `last.h5`, and `step-N.h5` for earlier ones.
  package var keepLast: Int
  /// How many of the best epochs' weights are kept: `best.h5`, and `best-epoch-N.h5` for more than one.
  package var keepBest: Int

  /// A checkpoint schedule with its retention.
  package init(everyEpochs: Int = 1, everySteps: Int? = nil, keepLast: Int = 2, keepBest: Int = 1) {
    (self.everyEpochs, self.everySteps) = (everyEpochs, everySteps)
    (self.keepLast, self.keepBest) = (keepLast, keepBest)
  }

  /// Decodes the keys of `checkpoint`.
  /// - Throws: `DecodingError` for a value out of range.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init()
    everyEpochs = try container.decode(.everyEpochs, or: everyEpochs)
    everySteps = try container.decodeIfPresent(Int.self, forKey: .everySteps)
    keepLast = try container.decode(.keepLast, or: keepLast)
    keepBest = try container.decode(.keepBest, or: keepBest)
    try container.require(everyEpochs > 0, .everyEpochs, "expected at least 1 epoch")
    try container.require(everySteps ?? 1 > 0, .everySteps, "expected at least 1 step")
    try container.require((1...1000).contains(keepLast), .keepLast, "expected 1 to 1000 checkpoints")
    try container.require((1...1000).contains(keepBest), .keepBest, "expected 1 to 1000 epochs")
  }

  /// Whether a step or, at its end, an epoch asks for a checkpoint.
  func isDue(atStep step: Int, stepsPerEpoch: Int) -> Bool {
    if let everySteps, step.isMultiple(of: everySteps) { return true }
    return step.isMultiple(of: everyEpochs * stepsPerEpoch)
  }
}

/// What a run does if its loss or a gradient is not finite.
package enum NonFinitePolicy: String, Codable, Sendable, CaseIterable {
  /// The run ends; the last checkpoint is kept.
  case stop
  /// The step is skipped, and the run continues with the next.
  case skip
  /// The run rolls back to its last regular checkpoint and resumes at half the learning rate.
  case rollback
}
