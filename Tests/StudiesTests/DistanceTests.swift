import Images
import Studies
import Tensors
import Testing

@Suite struct DistanceTests {
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
    let measured = SampleDistance.discrepancy(a, b, bandwidth: 1, exchanges: 9)
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

  @Test func descriptionsHaveAFixedLength() {
    let grey = Image(height: 20, width: 30, channels: 1, pixels: (0..<600).map { UInt8($0 % 251) })
    let description = Descriptor.gradients.describe(grey)
    #expect(description.count == 208)
    #expect(description == Descriptor.gradients.describe(grey.converted(toChannels: 3)))
    // Histograms have length 1, each other part at most.
    #expect(abs(description.prefix(144).reduce(0) { $0 + $1 * $1 } - 1) < 1e-9)
    #expect(description.suffix(64).reduce(0) { $0 + $1 * $1 } <= 2)
    // An even picture has no edges.
    let even = Image(height: 8, width: 8, channels: 1, pixels: [UInt8](repeating: 90, count: 64))
    #expect(Descriptor.gradients.describe(even).prefix(144).allSatisfy { $0 == 0 })
  }
}
