internal import Serialization
package import Statistics
internal import Support
internal import Training

extension Interval {
  /// The interval in percentage points: `+6.2 (+5.1 to +7.3)`.
  package var points: String {
    func signed(_ value: Double) -> String { (value > 0 ? "+" : "") + (100 * value).formatted(digits: 1) }
    return "\(signed(estimate)) (\(signed(lower)) to \(signed(upper)))"
  }
}

extension Estimate {
  /// The estimate in percentage points: `93.1 ± 0.4`.
  package func percent(signed: Bool = false) -> String {
    let sign = signed && mean > 0 ? "+" : ""
    return sign + (100 * mean).formatted(digits: 1)
      + (standardError.map { " ± " + (100 * $0).formatted(digits: 1) } ?? "")
  }
}

extension Requirement {
  /// The requirement as a sentence.
  package var text: String {
    func points(_ value: Double) -> String { (100 * value).formatted(digits: 1) }
    let start = "The change of Δ from the nearest to the farthest pair is known to ± \(points(present)) points; "
    guard present > wanted else { return start + "± \(points(wanted)) was wanted." }
    let seeds = seeds.map { "\($0) seeds" } ?? "no number of seeds at these domains"
    let domains = domains.map { "\($0) domains" } ?? "over 100 domains"
    return start + "± \(points(wanted)) would take about \(domains) at these seeds, or \(seeds)."
  }
}
