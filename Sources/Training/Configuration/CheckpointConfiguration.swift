import Serialization

/// When a run's state is saved, and how much of it is kept.
package struct CheckpointConfiguration: Codable, Sendable, Equatable {
  /// Epochs between checkpoints; the end of the run and an interruption always save one.
  package var everyEpochs: Int
  /// Steps between checkpoints besides; nil makes none within an epoch.
  package var everySteps: Int?
  /// The newest checkpoints that are kept: `last.h5`, and the ones before it under their steps.
  package var keepLast: Int
  /// The best epochs whose weights are kept: `best.h5`, and of more than one each under its epoch too.
  package var keepBest: Int

  /// A checkpoint schedule with its retention.
  package init(everyEpochs: Int = 1, everySteps: Int? = nil, keepLast: Int = 2, keepBest: Int = 1) {
    (self.everyEpochs, self.everySteps) = (everyEpochs, everySteps)
    (self.keepLast, self.keepBest) = (keepLast, keepBest)
  }

  /// Decodes the keys of `checkpoint`.\n- Throws: `DecodingError` for a value out of range.
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

/// What a run does when its loss or a gradient is no finite number.
package enum NonFinitePolicy: String, Codable, Sendable, CaseIterable {
  /// It ends; the last checkpoint is kept.
  case stop
  /// The step changes nothing, and the run goes on with the next.
  case skip
  /// The run goes back to its last regular checkpoint and on from there at half the rate.
  case rollback
}
