/// The 95 % interval of a proportion by Wilson's score, which is never empty: 10 of 10 gives 72.2 to 100 %.
///
/// Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference", JASA 1927.
package struct ProportionInterval: Sendable, Equatable, Codable {
  /// The lower end, 0 to 1.
  package let lower: Double
  /// The upper end, 0 to 1.
  package let upper: Double

  /// The normal distribution's quantile of 0.975.
  private static let z = 1.959963984540054

  /// The interval of a share of successes.
  ///
  /// - Returns: nil for no trials.
  package init?(_ successes: Int, of trials: Int) {
    precondition((0...max(trials, 0)).contains(successes), "ProportionInterval: \(successes) of \(trials)")
    guard trials > 0 else { return nil }
    let (n, share, square) = (Double(trials), Double(successes) / Double(trials), Self.z * Self.z)
    let center = (share + square / (2 * n)) / (1 + square / n)
    let halfWidth =
      Self.z / (1 + square / n) * (share * (1 - share) / n + square / (4 * n * n)).squareRoot()
    // Rounding would miss the ends by a bit.
    lower = successes == 0 ? 0 : max(center - halfWidth, 0)
    upper = successes == trials ? 1 : min(center + halfWidth, 1)
  }
}
