/// The slope of Δ over distance: Δ ~ source + target + β·distance, by least squares over ordered pairs.
package struct Slope: Sendable, Equatable {
  /// β, in accuracy per unit of distance.
  package var estimate: Double
  /// The interval of β, by the jackknife over targets.
  package var interval: Interval

  /// What the jackknife omits, one at a time.
  enum LeftOut {
    case target
    /// As source and as target: every pair between two others goes twice, which makes intervals far too wide
    /// (docs/statistics.md has the numbers). For comparison only.
    case domain
  }

  /// Fits the model.
  ///
  /// The interval is a jackknife over targets with t of T − 1 degrees of freedom for T targets: with b₍ₖ₎ the slope
  /// without target k, s² = (T − 1)/T · Σ (b₍ₖ₎ − b̄)².
  /// - Returns: nil where the pairs do not determine the slope, or not without some target.
  package init?(_ effects: PairEffects) { self.init(effects, leavingOut: .target) }

  init?(_ effects: PairEffects, leavingOut leftOut: LeftOut) {
    let units = leftOut == .target ? effects.targets : effects.domains
    guard let estimate = Self.estimate(of: effects), units.count >= 3 else { return nil }
    var without: [Double] = []
    for unit in units {
      let rest = effects.filtered { $0.target != unit && (leftOut == .target || $0.source != unit) }
      guard let slope = Self.estimate(of: rest) else { return nil }
      without.append(slope)
    }
    let count = Double(units.count)
    let mean = without.reduce(0, +) / count
    let squares = without.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    self.estimate = estimate
    interval = Interval(
      estimate: estimate, standardError: ((count - 1) / count * squares).squareRoot(), degreesOfFreedom: count - 1)
  }

  /// β alone; nil where sources and targets explain the distances, so that nothing is left to determine it.
  static func estimate(of effects: PairEffects) -> Double? {
    weights(of: effects).map { zip($0, effects.pairs).reduce(0) { $0 + $1.0 * $1.1.mean } }
  }

  /// β by seed.
  static func estimatesBySeed(of effects: PairEffects) -> [Double] {
    guard let weights = weights(of: effects) else { return [] }
    return (0..<effects.seeds).map { seed in
      zip(weights, effects.pairs).reduce(0) { $0 + $1.0 * $1.1.effects[seed] }
    }
  }

  /// The weights w of pairs with β = Σ w·Δ: w = d̃ / d̃·d̃, where d̃ is what source and target leave of the distances.
  private static func weights(of effects: PairEffects) -> [Double]? {
    let pairs = effects.pairs
    let distances = pairs.map(effects.distance)
    var basis: [[Double]] = []
    let columns =
      effects.sources.map { source in pairs.map { $0.source == source ? 1.0 : 0 } }
      + effects.targets.map { target in pairs.map { $0.target == target ? 1.0 : 0 } }
    for column in columns {
      let rest = remainder(of: column, beside: basis)
      let square = dot(rest, rest)
      // A column that the others make up is left out.
      guard square > 1e-12 * dot(column, column) else { continue }
      basis.append(rest.map { $0 / square.squareRoot() })
    }
    let rest = remainder(of: distances, beside: basis)
    let square = dot(rest, rest)
    guard square > 1e-12 * dot(distances, distances), square > 0 else { return nil }
    return rest.map { $0 / square }
  }

  /// What an orthonormal basis leaves of a vector (Gram–Schmidt, twice for its last digits).
  private static func remainder(of vector: [Double], beside basis: [[Double]]) -> [Double] {
    var rest = vector
    for _ in 0..<2 {
      for direction in basis {
        let part = dot(rest, direction)
        for index in rest.indices { rest[index] -= part * direction[index] }
      }
    }
    return rest
  }

  private static func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
}
