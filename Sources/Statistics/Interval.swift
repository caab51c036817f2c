/// An estimate with its 95 % interval by Student's t, and the p value of the hypothesis that it is 0.
package struct Interval: Sendable, Equatable, Codable {
  /// The coverage of intervals: 0.95.
  package static let level = 0.95

  /// The estimate, the interval's center.
  package var estimate: Double
  /// The standard error of the estimate.
  package var standardError: Double
  /// The degrees of freedom of Student's t.
  package var degreesOfFreedom: Double

  /// An interval about an estimate.
  package init(estimate: Double, standardError: Double, degreesOfFreedom: Double) {
    (self.estimate, self.standardError, self.degreesOfFreedom) = (estimate, standardError, degreesOfFreedom)
  }

  /// The paired interval: the mean of differences, each of one seed, with n − 1 degrees of freedom.
  /// - Returns: nil for fewer than two values.
  package init?(mean values: [Double]) {
    guard let mean = Estimate(values), let standardError = mean.standardError else { return nil }
    self.init(estimate: mean.mean, standardError: standardError, degreesOfFreedom: Double(mean.count - 1))
  }

  /// Half of its width: the standard error times t.
  package var halfWidth: Double {
    standardError * StudentT(degreesOfFreedom: degreesOfFreedom).quantile((1 + Self.level) / 2)
  }
  /// The lower end.
  package var lower: Double { estimate - halfWidth }
  /// The upper end.
  package var upper: Double { estimate + halfWidth }

  /// The two-sided p value of the hypothesis that the estimate is 0.
  package var p: Double {
    guard standardError > 0 else { return estimate == 0 ? 1 : 0 }
    return StudentT(degreesOfFreedom: degreesOfFreedom).twoSidedP(estimate / standardError)
  }
}
