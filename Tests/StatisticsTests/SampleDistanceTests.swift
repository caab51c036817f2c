import Statistics
import Tensors
import Testing

@Suite struct SampleDistanceTests {
  @Test func discrepanciesAreNumpys() throws {
    let cases = try GoldenDistances().discrepancies
    #expect(cases.count == 3)
    for one in cases {
      let bandwidth = SampleDistance.bandwidth(of: [one.a, one.b])
      #expect(abs(bandwidth - one.bandwidth) < 1e-12)
      let measured = SampleDistance.discrepancy(one.a, one.b, bandwidth: bandwidth, permutations: 9)
      #expect(abs(measured.square - one.discrepancy) < 1e-12)
    }
  }

  /// Descriptions of two numbers about a place.
  private func sample(_ count: Int, at place: Double, seed: UInt64) -> SampleDistance.Sample {
    var random = RandomStream(seed: seed)
    return (0..<count).map { _ in [place + Double(random.normal()), Double(random.normal())] }
  }

  @Test func discrepancyByHand() {
    // One number each, bandwidth 1: pairs within 1 apart give e⁻¹, across e⁰, e⁻¹ and e⁻¹, e⁻⁴ …
    let (a, b) = ([[0.0], [1.0]], [[0.0], [2.0]])
    let within = 0.36787944117144233 + 0.01831563888873418
    let across = 2 * (1 + 0.01831563888873418 + 0.36787944117144233 + 0.36787944117144233) / 4
    let measured = SampleDistance.discrepancy(a, b, bandwidth: 1, permutations: 9)
    #expect(abs(measured.square - (within - across)) < 1e-12)
  }

  @Test func farSamplesAreFar() {
    let (a, same, far) = (sample(60, at: 0, seed: 1), sample(60, at: 0, seed: 2), sample(60, at: 3, seed: 3))
    let bandwidth = SampleDistance.bandwidth(of: [a, same, far])
    let near = SampleDistance.discrepancy(a, same, bandwidth: bandwidth)
    let wide = SampleDistance.discrepancy(a, far, bandwidth: bandwidth)
    #expect(abs(near.square) < 0.05 && near.p > 0.05)
    #expect(wide.square > 0.3 && wide.p == 1 / 200)
    #expect(SampleDistance.proxy(a, same) < 0.7)
    #expect(SampleDistance.proxy(a, far) > 1.4)
  }
}
