/// Means over pairs of domains, seed by seed: seeds are what is repeated, so intervals are over these means.
package struct PairMeans {
  /// One mean per seed.
  package private(set) var bySeed: [Double] = []
  /// The estimate over seeds; nil without any.
  package var estimate: Estimate? { Estimate(bySeed) }
  /// The interval over seeds; nil for fewer than two.
  package var interval: Interval? { Interval(mean: bySeed) }

  /// The seeds that have any value, and the pairs that have one at each of these.
  package init(seeds: [UInt64], pairs: [(source: String, target: String)], _ value: (Pair, UInt64) -> Double?) {
    let values = pairs.map { pair in seeds.map { value(pair, $0) } }
    let known = seeds.indices.filter { seed in values.contains { $0[seed] != nil } }
    let whole = values.filter { row in known.allSatisfy { row[$0] != nil } }
    guard !whole.isEmpty else { return }
    bySeed = known.map { seed in whole.reduce(0) { $0 + ($1[seed] ?? 0) } / Double(whole.count) }
  }

  /// Names of the domains.
  package typealias Pair = (source: String, target: String)
}
