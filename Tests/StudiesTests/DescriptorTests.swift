import Images
import Studies
import Testing

@Suite struct DescriptorTests {
  @Test func descriptionsHaveAFixedLength() {
    let gray = Image(height: 20, width: 30, channels: 1, pixels: (0..<600).map { UInt8($0 % 251) })
    let description = Descriptor.gradients.describe(gray)
    #expect(description.count == 208)
    #expect(description == Descriptor.gradients.describe(gray.converted(toChannels: 3)))
    // Histograms have length 1, each other part at most.
    #expect(abs(description.prefix(144).reduce(0) { $0 + $1 * $1 } - 1) < 1e-9)
    #expect(description.suffix(64).reduce(0) { $0 + $1 * $1 } <= 2)
    let thumbnail = Descriptor.thumbnails.describe(gray)
    #expect(thumbnail.count == 192 && thumbnail.reduce(0) { $0 + $1 * $1 } <= 1)
    // Means of a map of two cells, (3, 4) in the middle, of length 1.
    #expect(Descriptor.features(of: [2, 4, 4, 4], channels: 2) == [0.6, 0.8])
    // An even picture has no edges.
    let even = Image(height: 8, width: 8, channels: 1, pixels: [UInt8](repeating: 90, count: 64))
    #expect(Descriptor.gradients.describe(even).prefix(144).allSatisfy { $0 == 0 })
  }
}
