internal import Support
internal import Training

/// An estimate with its 95 % interval by Student's t, and the p of its being 0.
package struct Interval: Sendable, Equatable, Codable {
  /// The part of intervals that hold the truth.
  package static let level = 0.95

  package var estimate: Double
  package var standardError: Double
  package var degreesOfFreedom: Double

  package init(estimate: Double, standardError: Double, degreesOfFreedom: Double) {
    (self.estimate, self.standardError, self.degreesOfFreedom) = (estimate, standardError, degreesOfFreedom)
  }

  /// The paired interval: the mean of differences, each of one seed, with n − 1 degrees of freedom.
  /// - Returns: nil for fewer than two values.
  package init?(mean values: [Double]) {
    guard let mean = Estimate(values), let standardError = mean.standardError else { return nil }
    self.init(estimate: mean.mean, standardError: standardError, degreesOfFreedom: Double(mean.count - 1))
  }

  package var halfWidth: Double {
    standardError * StudentT(degreesOfFreedom: degreesOfFreedom).quantile((1 + Self.level) / 2)
  }
  package var lower: Double { estimate - halfWidth }
  package var upper: Double { estimate + halfWidth }

  /// Two-sided.
  package var p: Double {
    guard standardError > 0 else { return estimate == 0 ? 1 : 0 }
    return StudentT(degreesOfFreedom: degreesOfFreedom).twoSidedP(estimate / standardError)
  }

  /// In points of a hundred: `+6.2 (+5.1 to +7.3)`.
  package var points: String {
    func signed(_ value: Double) -> String { (value > 0 ? "+" : "") + (100 * value).formatted(digits: 1) }
    return "\(signed(estimate)) (\(signed(lower)) to \(signed(upper)))"
  }
}

/// Holm's correction of a family of tests.
package enum Holm {
  /// Adjusted p values in the order given: the k-th smallest of n times n − k + 1, never falling, at most 1.
  ///
  /// Source: S. Holm, "A simple sequentially rejective multiple test procedure", 1979.
  package static func adjusted(_ values: [Double]) -> [Double] {
    var adjusted = values
    var largest = 0.0
    for (rank, index) in values.indices.sorted(by: { values[$0] < values[$1] }).enumerated() {
      largest = max(largest, min(1, values[index] * Double(values.count - rank)))
      adjusted[index] = largest
    }
    return adjusted
  }

  /// The same for intervals some of which are not known: nil for these.
  package static func adjusted(of intervals: [Interval?]) -> [Double?] {
    var next = adjusted(intervals.compactMap { $0?.p }).makeIterator()
    return intervals.map { $0 == nil ? nil : next.next() }
  }
}
