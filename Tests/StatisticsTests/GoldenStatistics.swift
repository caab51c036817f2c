import Foundation
import Statistics
import Testing

/// scipy's and statsmodels' values, which Fixtures/make_statistics.py made.
struct GoldenStatistics: Decodable {
  struct Probability: Decodable { var df, t, cdf, twoSidedP: Double }
  struct Quantile: Decodable { var df, p, t: Double }
  struct Mean: Decodable {
    var values: [Double]
    var lower, upper, p: Double
  }
  struct Family: Decodable { var p, adjusted: [Double] }
  struct SlopeCase: Decodable {
    var name: String
    var pairs: [[Int]]
    var distances, effects: [[Double]]
    var estimate, standardError, lower, upper, assignmentP: Double

    var pairEffects: PairEffects {
      PairEffects(
        pairs: zip(pairs, effects).map { .init(source: $0[0], target: $0[1], effects: $1) }, distances: distances)
    }
  }
  var t: [Probability]
  var quantiles: [Quantile]
  var means: [Mean]
  var families: [Family]
  var slopes: [SlopeCase]

  init() throws {
    let url = try #require(Bundle.module.resourceURL).appendingPathComponent("Fixtures/statistics.json")
    self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: url))
  }
}

func isNear(_ value: Double, _ expected: Double, _ tolerance: Double = 1e-10) -> Bool {
  abs(value - expected) <= tolerance * max(abs(expected), 1e-3)
}
