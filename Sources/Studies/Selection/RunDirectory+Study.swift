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

  /// The evaluation of a classifier on test images; nil where there is none yet.
  /// - Throws: `FileError` where the file is damaged.
  package func loadTest() throws -> RunEvaluation<ClassificationReport>? {
    try loadTest(ClassificationReport.self)
  }

  /// The value on test images of the metric that a configuration's runs are compared by; nil where there is none yet.
  /// - Throws: `FileError` where the file is damaged or has no such value.
  func loadTestScore(of configuration: Configuration) throws -> Double? {
    let metrics: [String: Double]?
    switch configuration.taskKind {
    case .classification, nil: metrics = try loadTest(ClassificationReport.self)?.domains.first?.report.metrics
    case .detection: metrics = try loadTest(DetectionReport.self)?.domains.first?.report.metrics
    }
    guard let metrics else { return nil }
    let name = configuration.comparedBy.name
    guard let value = metrics[name] else {
      throw FileError(
        what: "no \(name)", path: test, expected: "that of the test images", action: "evaluate on images that define it"
      )
    }
    return value
  }

  private func loadTest<Report: TaskReport>(_: Report.Type) throws -> RunEvaluation<Report>? {
    do { return try JSONFile.read(RunEvaluation<Report>.self, from: test) } catch  where error.kind == .missing {
      return nil
    }
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
