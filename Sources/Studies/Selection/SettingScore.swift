internal import Statistics
package import Training

/// The validation score of a setting: the mean over its trials.
package struct SettingScore: Sendable, Equatable {
  /// By the task's metrics: the worst where a run diverged; without those that a run lacks, and empty where nothing was
  /// validated.
  package let values: [String: Double]
  /// Whether a run diverged: a learning rate that diverges in one trial is too large.
  package let hasDiverged: Bool
  /// The metric that selects in each trial; empty where a run diverged or lacks it.
  private let trials: [Double]
  private let metrics: [Metric]

  /// - Parameter metrics: the task's, the one that selects first.
  /// - Returns: nil unless all results exist.
  package init?(of results: [RunResult?], by metrics: [Metric]) {
    let all = results.compactMap(\.self)
    guard !all.isEmpty, all.count == results.count else { return nil }
    self.metrics = metrics
    hasDiverged = all.contains { $0.divergedAt != nil }
    guard !hasDiverged else {
      (values, trials) = (metrics.worst, [])
      return
    }
    var means: [String: Double] = [:]
    for metric in metrics {
      let known = all.compactMap { $0.validation[metric.name] }
      means[metric.name] = known.count == all.count ? Estimate(known)?.mean : nil
    }
    values = means
    let selecting = metrics.first.map { metric in all.compactMap { $0.validation[metric.name] } } ?? []
    trials = selecting.count == all.count ? selecting : []
  }

  /// The metric that selects.
  package var value: Double? { metrics.first.flatMap { values[$0.name] } }

  /// Whether one learning rate scored better than another: by the task's metrics, then the smaller one.
  package func isBetter(at rate: Double, than other: SettingScore, at otherRate: Double) -> Bool {
    if metrics.prefers(values, to: other.values) { return true }
    return rate < otherRate && !metrics.prefers(other.values, to: values)
  }

  /// How much better the metric that selects is than in another setting, trial by trial; empty where that is not known.
  package func gain(over other: SettingScore) -> [Double] {
    guard let metric = metrics.first, trials.count == other.trials.count else { return [] }
    return zip(trials, other.trials).map { metric.goal == .highest ? $0 - $1 : $1 - $0 }
  }
}
