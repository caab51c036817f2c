internal import Statistics
package import Training

/// The validation score of a learning rate: that of its one run, or the mean over its folds.
package struct LearningRateScore: Sendable, Equatable {
  /// By the task's metrics: the worst where a run diverged; without those that a run lacks, and empty where nothing was
  /// validated, as the learning rate was chosen elsewhere.
  package let values: [String: Double]
  /// Whether a run diverged: a learning rate that diverges on one fold is too large.
  package let hasDiverged: Bool
  private let metrics: [Metric]

  /// - Parameter metrics: the task's, the one that selects first.
  /// - Returns: nil unless all results exist.
  package init?(of results: [RunResult?], by metrics: [Metric]) {
    let all = results.compactMap(\.self)
    guard !all.isEmpty, all.count == results.count else { return nil }
    self.metrics = metrics
    hasDiverged = all.contains { $0.divergedAt != nil }
    guard !hasDiverged else {
      values = metrics.worst
      return
    }
    var means: [String: Double] = [:]
    for metric in metrics {
      let known = all.compactMap { $0.validation[metric.name] }
      means[metric.name] = known.count == all.count ? Estimate(known)?.mean : nil
    }
    values = means
  }

  /// The metric that selects.
  package var value: Double? { metrics.first.flatMap { values[$0.name] } }

  /// Whether one learning rate scored better than another: by the task's metrics, then the smaller one.
  package func isBetter(at rate: Double, than other: LearningRateScore, at otherRate: Double) -> Bool {
    if metrics.prefers(values, to: other.values) { return true }
    return rate < otherRate && !metrics.prefers(other.values, to: values)
  }
}
