/// What a finished run came to; its file marks the run as finished.
package struct RunResult: Codable, Sendable, Equatable {
  package var epochs: Int
  package var steps: Int
  /// The epoch whose weights are the best on validation, or the last where the data say so, counted from 1.
  package var bestEpoch: Int
  /// Of the best weights; nil without validation.
  package var validationAccuracy: Double?
  /// Of the best weights; nil without validation, and where it is not finite.
  package var validationLoss: Double?
  /// The step at which the loss was no number, if it came to that; such a run counts as one without a right answer.
  package var divergedAt: Int?

  package init(epochs: Int, steps: Int, bestEpoch: Int, validationAccuracy: Double?, validationLoss: Double?) {
    (self.epochs, self.steps, self.bestEpoch) = (epochs, steps, bestEpoch)
    (self.validationAccuracy, self.validationLoss) = (validationAccuracy, validationLoss)
  }

  /// The result of a run that diverged at a step.
  package init(divergedAt step: Int) {
    self.init(epochs: 0, steps: step, bestEpoch: 0, validationAccuracy: 0, validationLoss: nil)
    divergedAt = step
  }
}

extension RunDirectory {
  /// The result of a finished run.
  package var result: String { file("result.json") }

  /// The result, if the run is finished.
  package func loadResult() throws -> RunResult? {
    do { return try Self.readJSON(RunResult.self, from: result) } catch RunError.missing { return nil }
  }
}
