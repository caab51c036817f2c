internal import Serialization
package import Statistics
internal import Support
internal import Training

/// Practical advice for a pair of domains: the gain of the first arm's head over the second's.
package struct Advice: Sendable, Equatable {
  /// Whether to keep the first arm's head, to take the second's, or neither: the difference is not significant.
  package enum Decision: String, Sendable { case keep, drop, undecided }

  /// The domain that both heads were pretrained on.
  package var source: String
  /// The domain that they were fine-tuned on.
  package var target: String
  /// Whether the source is the nearest of those that are not the target's own domain, or the only one.
  package var isNearest: Bool
  /// MMD²; nil where it was not measured.
  package var distance: Double?
  /// The first arm.
  package var first: String
  /// The second arm.
  package var second: String
  /// First minus second, both pretrained, paired by seed.
  package var interval: Interval
  /// The ratio of the parameters of the whole networks, a frozen backbone included, first to second; nil if unknown.
  package var parameterRatio: Double?
  /// The same of what is trained, where that is another one.
  package var trainedRatio: Double?
  /// The ratio of the seconds of a fine-tuning run, first to second; nil if unknown.
  package var timeRatio: Double?

  /// Keep where the interval lies above 0, drop where it lies below.
  package var decision: Decision { interval.lower > 0 ? .keep : interval.upper < 0 ? .drop : .undecided }

  /// `1.9 × the parameters (3651.0 × those trained), 1.3 × the time`; empty where nothing is known.
  package var costs: String {
    let trained = trainedRatio.map { " (\($0.formatted(digits: 1)) × those trained)" } ?? ""
    return [
      parameterRatio.map { "\($0.formatted(digits: 1)) × the parameters\(trained)" },
      timeRatio.map { "\($0.formatted(digits: 1)) × the time" },
    ].compactMap(\.self).joined(separator: ", ")
  }

  /// `keep fc: +6.2 ± 1.1 points; costs 3.1 × the parameters`.
  package var text: String {
    let mean = (interval.estimate > 0 ? "+" : "") + (100 * interval.estimate).formatted(digits: 1)
    let points = "\(mean) ± \((100 * interval.halfWidth).formatted(digits: 1)) points"
    let cost = costs.isEmpty ? "" : "; \(first) costs \(costs)"
    switch decision {
    case .keep: return "keep \(first): \(points)\(cost)"
    case .drop: return "drop \(first), take \(second): \(points)\(cost)"
    case .undecided: return "not significant: \(points)\(cost)"
    }
  }
}

extension StudyAnalysis {
  /// The advice for each pair of domains; see `Advice.isNearest` for the one to follow on a target.
  package var advice: [Advice] {
    guard let arms else { return [] }
    func ratio(_ number: (StudyResults.ArmCost) -> Double?) -> Double? {
      guard let a = results.costs[arms.first].flatMap(number), let b = results.costs[arms.second].flatMap(number), b > 0
      else { return nil }
      return a / b
    }
    let (parameters, time) = (ratio { Double($0.deployed) }, ratio(\.seconds))
    let isWhole = [arms.first, arms.second].allSatisfy {
      results.costs[$0].map { $0.deployed == $0.parameters } ?? true
    }
    let trained = isWhole ? nil : ratio { Double($0.parameters) }
    var all: [Advice] = pairs.compactMap { pair in
      let differences = results.differences(
        .init(arms.first, from: pair.source, on: pair.target, size: size),
        .init(arms.second, from: pair.source, on: pair.target, size: size))
      return Interval(mean: differences).map {
        Advice(
          source: pair.source, target: pair.target, isNearest: false, distance: pair.distance?.discrepancy,
          first: arms.first, second: arms.second, interval: $0, parameterRatio: parameters, trainedRatio: trained,
          timeRatio: time)
      }
    }
    for target in results.study.targets.map(\.name) {
      let places = all.indices.filter { all[$0].target == target }
      let others = places.filter { all[$0].source != target }
      let nearest = (others.isEmpty ? places : others).min {
        (all[$0].distance ?? .infinity) < (all[$1].distance ?? .infinity)
      }
      if let nearest { all[nearest].isNearest = true }
    }
    return all
  }
}
