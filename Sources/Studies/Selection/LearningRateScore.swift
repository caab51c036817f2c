internal import Statistics
package import Training

/// What a learning rate came to on validation: that of its one run, or the mean over its folds.
package struct LearningRateScore: Sendable, Equatable {
  /// 0 where a run diverged; nil where nothing was validated, for the learning rate was chosen elsewhere.
  package let accuracy: Double?
  /// nil where a run has none.
  package let loss: Double?
  /// Whether a run diverged: a rate that one fold does not bear is too large.
  package let hasDiverged: Bool

  /// - Returns: nil unless all results are there.
  package init?(of results: [RunResult?]) {
    let all = results.compactMap(\.self)
    guard !all.isEmpty, all.count == results.count else { return nil }
    hasDiverged = all.contains { $0.divergedAt != nil }
    func mean(_ values: [Double?]) -> Double? {
      let known = values.compactMap(\.self)
      return known.count == all.count ? Estimate(known)?.mean : nil
    }
    accuracy = hasDiverged ? 0 : mean(all.map(\.validationAccuracy))
    loss = hasDiverged ? nil : mean(all.map(\.validationLoss))
  }

  /// Whether one rate did better than another: by accuracy, then lower loss, then the smaller rate.
  package func isBetter(at rate: Double, than other: LearningRateScore, at otherRate: Double) -> Bool {
    let (mine, others) = (accuracy ?? 0, other.accuracy ?? 0)
    if mine != others { return mine > others }
    let (myLoss, otherLoss) = (loss ?? .infinity, other.loss ?? .infinity)
    return myLoss != otherLoss ? myLoss < otherLoss : rate < otherRate
  }
}
