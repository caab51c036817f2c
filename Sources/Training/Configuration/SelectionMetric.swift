/// A validation metric that can select the best epoch.
package enum SelectionMetric: String, Codable, Sendable, CaseIterable {
  /// The share of correct predictions; the highest is the best.
  case accuracy
  /// The mean over classes of the share that was recognized; the highest is the best.
  case balancedAccuracy
  /// The mean over classes of F1; the highest is the best.
  case macroF1
  /// Cross-entropy, the log loss; the lowest is the best.
  case loss
}
