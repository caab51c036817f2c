/// What a finished run came to; its file marks the run as finished.
package struct RunResult: Codable, Sendable, Equatable {
  package var epochs: Int
  package var steps: Int
  /// The epoch whose weights are the best on validation, counted from 1.
  package var bestEpoch: Int
  /// Of the best weights.
  package var validationAccuracy: Double
  /// Of the best weights; nil where it is not finite.
  package var validationLoss: Double?

  package init(epochs: Int, steps: Int, bestEpoch: Int, validationAccuracy: Double, validationLoss: Double?) {
    (self.epochs, self.steps, self.bestEpoch) = (epochs, steps, bestEpoch)
    (self.validationAccuracy, self.validationLoss) = (validationAccuracy, validationLoss)
  }
}

extension RunDirectory {
  /// The result of a finished run.
  package var result: String { file("result.json") }
  /// The one evaluation on test images that a study allows.
  package var test: String { file("test.json") }

  /// Why the run failed, if it did when it was last tried by a study.
  package var failure: String { file("failed.txt") }

  /// The result, if the run is finished.
  package func loadResult() throws -> RunResult? {
    do { return try Self.readJSON(RunResult.self, from: result) } catch RunError.missing { return nil }
  }
}
