import Foundation
import Testing

/// numpy's values, which Fixtures/make_distances.py made.
struct GoldenDistances: Decodable {
  struct Discrepancy: Decodable {
    var a, b: [[Double]]
    var bandwidth, discrepancy: Double
  }
  struct Score: Decodable {
    var probabilities: [[Double]]
    var labels: [Int]
    var classes: Int
    var score: Double
  }
  var discrepancies: [Discrepancy]
  var scores: [Score]

  init() throws {
    let url = try #require(Bundle.module.resourceURL).appendingPathComponent("Fixtures/distances.json")
    self = try JSONDecoder().decode(Self.self, from: Data(contentsOf: url))
  }
}
