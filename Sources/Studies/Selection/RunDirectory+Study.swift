package import Training

/// What a study leaves beside its runs.
extension RunDirectory {
  /// The one evaluation on test images that a study allows.
  package var test: String { file("test.json") }
  /// Every test image with the network's answer, beside `test`.
  package var predictions: String { file("predictions.csv") }
  /// Why the run failed, if it did when it was last tried by a study.
  package var failure: String { file("failed.txt") }

  /// The evaluation on test images; nil where there is none yet.
  /// - Throws: `RunError` where the file is damaged.
  package func loadTest() throws -> RunEvaluation? {
    do { return try Self.readJSON(RunEvaluation.self, from: test) } catch RunError.missing { return nil }
  }

  /// Why the run failed, in a line; nil where it did not.
  package func loadFailure() -> String? {
    guard let text = try? Self.read(failure) else { return nil }
    return text.split(separator: "\n").joined(separator: " ")
  }

  /// Notes why the run failed.
  /// - Throws: `RunError` where that cannot be written.
  func noteFailure(_ reason: String) throws { try Self.write(reason + "\n", to: failure) }

  /// Forgets that the run failed, as it is tried again.
  /// - Throws: `RunError` where the file cannot be removed.
  func forgetFailure() throws { try Self.remove(failure) }
}
