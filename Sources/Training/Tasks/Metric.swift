internal import Support

/// A number that judges a network, and which of two values of it is the better one.
package struct Metric: Sendable, Equatable {
  /// How values are shown.
  package enum Unit: Sendable {
    /// 0 to 1, shown in percent.
    case share
    /// A number without a unit, or in nats.
    case number
  }
  /// Which values are better.
  package enum Goal: Sendable { case highest, lowest }

  /// The name, in lower camel case, such as `accuracy`.
  package let name: String
  /// How values are shown.
  package let unit: Unit
  /// Which values are better.
  package let goal: Goal
  /// The value of a run that diverged; infinite where values have no bound.
  package let worst: Double

  /// A metric; traps if the name does not begin with a lowercase letter.
  package init(_ name: String, _ unit: Unit, _ goal: Goal, worst: Double) {
    precondition(name.first?.isLowercase == true, "Metric: the name \(name) does not begin with a lowercase letter")
    (self.name, self.unit, self.goal, self.worst) = (name, unit, goal, worst)
  }

  /// A value for a terminal, such as `97.3 %` or `0.1234`.
  package func text(of value: Double) -> String {
    switch unit {
    case .share: (100 * value).formatted(digits: 1) + " %"
    case .number: value.formatted(digits: 4)
    }
  }

  /// Whether one value is better than another.
  fileprivate func prefers(_ value: Double, to other: Double) -> Bool {
    goal == .highest ? value > other : value < other
  }

  /// The value among those by name; the worst where it is not there.
  fileprivate func value(in values: [String: Double]) -> Double { values[name] ?? worst }
}

extension [Metric] {
  /// Whether some values are better than others: by the first metric, of equals by the next, and so on.
  package func prefers(_ values: [String: Double], to others: [String: Double]) -> Bool {
    for metric in self {
      let (mine, theirs) = (metric.value(in: values), metric.value(in: others))
      if mine != theirs { return metric.prefers(mine, to: theirs) }
    }
    return false
  }

  /// What a run that diverged counts with: the worst value of each metric that has one.
  package var worst: [String: Double] {
    Dictionary(uniqueKeysWithValues: map { ($0.name, $0.worst) }).finite
  }

  /// Values by name for a terminal, such as `accuracy 97.3 %, loss 0.1234`; those that are not there are left out.
  package func text(of values: [String: Double]) -> String {
    compactMap { metric in values[metric.name].map { "\(metric.name) \(metric.text(of: $0))" } }.joined(separator: ", ")
  }
}
