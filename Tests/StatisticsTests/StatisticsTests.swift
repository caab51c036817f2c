import Foundation
import Statistics
import Testing

/// Against scipy and statsmodels; Fixtures/make_statistics.py made the values.
@Suite struct StatisticsTests {
  private struct Golden: Decodable {
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
  }

  private let golden: Golden

  init() throws {
    let url = try #require(Bundle.module.resourceURL).appendingPathComponent("Fixtures/statistics.json")
    golden = try JSONDecoder().decode(Golden.self, from: Data(contentsOf: url))
  }

  private func isNear(_ value: Double, _ expected: Double, _ tolerance: Double = 1e-10) -> Bool {
    abs(value - expected) <= tolerance * max(abs(expected), 1e-3)
  }

  @Test func studentT() {
    for one in golden.t {
      let distribution = StudentT(degreesOfFreedom: one.df)
      #expect(isNear(distribution.cdf(one.t), one.cdf), "cdf of \(one)")
      // Relative, far into the tail.
      #expect(abs(distribution.twoSidedP(one.t) / one.twoSidedP - 1) < 1e-10, "p of \(one)")
    }
    for one in golden.quantiles {
      #expect(isNear(StudentT(degreesOfFreedom: one.df).quantile(one.p), one.t), "quantile of \(one)")
    }
  }

  @Test func pairedIntervals() throws {
    for one in golden.means {
      let interval = try #require(Interval(mean: one.values))
      #expect(isNear(interval.lower, one.lower) && isNear(interval.upper, one.upper) && isNear(interval.p, one.p))
    }
    #expect(Interval(mean: [0.1]) == nil)
    #expect(Interval(mean: [0.1, 0.1])?.p == 0)
    #expect(Interval(mean: [0, 0])?.p == 1)
  }

  @Test func holm() {
    for family in golden.families {
      let adjusted = Holm.adjusted(family.p)
      #expect(zip(adjusted, family.adjusted).allSatisfy { isNear($0, $1) } && adjusted.count == family.p.count)
    }
    #expect(Holm.adjusted([]).isEmpty)
  }

  @Test func slopes() throws {
    #expect(golden.slopes.count == 3)
    for one in golden.slopes {
      let slope = try #require(Slope(one.pairEffects))
      #expect(isNear(slope.estimate, one.estimate, 1e-8), "\(one.name)")
      #expect(isNear(slope.interval.standardError, one.standardError, 1e-8), "\(one.name)")
      #expect(isNear(slope.interval.lower, one.lower, 1e-8) && isNear(slope.interval.upper, one.upper, 1e-8))
      #expect(QuadraticAssignment.p(of: one.pairEffects) == one.assignmentP, "\(one.name)")
    }
  }

  @Test func aSlopeNeedsMoreThanOneSource() {
    let oneSource = PairEffects(
      pairs: (0..<5).map { .init(source: 0, target: $0, effects: [0.1, 0.2]) },
      distances: (0..<5).map { i in (0..<5).map { Double(abs(i - $0)) } })
    #expect(Slope(oneSource) == nil)
    #expect(QuadraticAssignment.p(of: oneSource) == nil)
    #expect(Verdict(oneSource).outcome == .demonstration)
  }
}
