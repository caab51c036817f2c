internal import Support
package import Training

/// A study's files in a run's directory.
extension RunDirectory {
  /// The one evaluation on test images that a study allows.
  package var test: String { file("test.json") }
  /// Every test image with the network's answer, beside `test`.
  package var predictions: String { file("predictions.csv") }
  /// Why the run failed, if it did when it was last tried by a study.
  package var failure: String { file("failed.txt") }

  /// The evaluation on test images; nil where there is none yet.
  /// - Throws: `FileError` where the file is damaged.
  package func loadTest() throws -> RunEvaluation<ClassificationReport>? {
    do { return try JSONFile.read(RunEvaluation<ClassificationReport>.self, from: test) } catch
      where error.kind == .missing
    { return nil }
  }

  /// Why the run failed, in a line; nil where it did not.
  package func loadFailure() -> String? {
    guard let text = try? TextFile.read(failure) else { return nil }
    return text.split(separator: "\n").joined(separator: " ")
  }

  /// Notes why the run failed.
  /// - Throws: `FileError` where that cannot be written.
  func noteFailure(_ reason: String) throws { try TextFile.write(reason + "\n", to: failure) }

  /// Forgets that the run failed, as it is tried again.
  /// - Throws: `FileError` where the file cannot be removed.
  func forgetFailure() throws { try FileSystem.remove(failure) }
}
