/// Adds up a network's predictions batch by batch.
package protocol TaskTally: Sendable {
  associatedtype Report: TaskReport

  /// The report on everything added so far.
  var report: Report { get }
}

/// A report on a network's predictions for a set of samples.
package protocol TaskReport: Codable, Sendable, Equatable {
  associatedtype Prediction: TaskPrediction

  /// Values by the names of the task's metrics; one that the samples do not define is left out.
  var metrics: [String: Double] { get }
  /// Whether any prediction was finite; a run without one has diverged.
  var hasPredictions: Bool { get }
  /// The report for a terminal, ending with a line feed.
  var text: String { get }
}

/// What a network predicts for one sample, as a row of a table.
package protocol TaskPrediction: Sendable, Equatable {
  /// The table's header.
  static var columns: [String] { get }
  /// The row, as many fields as there are columns.
  var fields: [String] { get }
}
