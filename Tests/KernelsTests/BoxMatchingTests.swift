import Kernels
import Tensors
import Testing

@Suite struct BoxMatchingTests {
  let regions = BoxMatching(foreground: 0.5, background: 0..<0.5)
  let proposals = BoxMatching(foreground: 0.7, background: 0..<0.3, keepsBest: true)

  private func numbers(_ matches: [BoxMatching.Match]) -> [Int] {
    matches.map {
      switch $0 {
      case .object(let index): index
      case .background: -1
      case .ignored: -2
      }
    }
  }

  @Test func agreesWithTorchvision() throws {
    var found: Set<Int> = []
    for set in try BoxFixture().sets where !set.isInverted {
      let overlaps = BoxOverlaps.matrix(set.second, set.first)
      for (column, matching) in [regions, proposals].enumerated() {
        let expected = stride(from: column, to: set.matches.count, by: 2).map { set.matches[$0] }
        #expect(numbers(matching.matches(overlaps)) == expected, "set \(set.number)")
        found.formUnion(expected)
      }
    }
    #expect(found.isSuperset(of: [-2, -1, 0, 1, 2]))
  }

  /// Fast R-CNN's background begins at an overlap of 0.1.
  @Test func tooLittleOverlapIsIgnored() {
    let matching = BoxMatching(foreground: 0.5, background: 0.1..<0.5)
    let overlaps = Tensor([0, 0.05, 0.1, 0.499, 0.5, 1], shape: [1, 6])
    #expect(numbers(matching.matches(overlaps)) == [-2, -2, -1, -1, 0, 0])
  }

  /// An object that overlaps no box matches none; one that overlaps a little keeps its best boxes.
  @Test func objectsOfLittleOverlap() {
    let overlaps = Tensor([0, 0, 0, 0.2, 0.2, 0.1], shape: [2, 3])
    #expect(numbers(proposals.matches(overlaps)) == [1, 1, -1])
    #expect(numbers(regions.matches(overlaps)) == [-1, -1, -1])
    #expect(numbers(regions.matches(Tensor(zeros: [0, 2]))) == [-1, -1])
  }
}

@Suite struct RegionSamplingTests {
  let matches: [BoxMatching.Match] =
    (0..<40).map { $0.isMultiple(of: 4) ? .object(0) : $0.isMultiple(of: 5) ? .ignored : .background }

  @Test func sharesAndLimits() {
    for (count, fraction, foreground) in [(16, 0.25, 4), (16, 1, 10), (8, 0, 0), (100, 0.5, 10)] {
      var stream = RandomStream(seed: 1)
      let chosen = RegionSampling(count: count, foregroundFraction: fraction).chosen(matches, drawing: &stream)
      #expect(chosen == chosen.sorted() && Set(chosen).count == chosen.count)
      #expect(chosen.count { matches[$0] == .object(0) } == foreground)
      #expect(!chosen.contains { matches[$0] == .ignored })
      #expect(chosen.count == min(count, foreground + matches.count { $0 == .background }))
    }
  }

  /// The same stream draws the same regions; every region comes equally often.
  @Test func drawsByTheStream() {
    let sampling = RegionSampling(count: 8, foregroundFraction: 0.5)
    var drawn = [Int](repeating: 0, count: matches.count)
    for seed in 0..<2_000 {
      var (first, second) = (RandomStream(seed: UInt64(seed)), RandomStream(seed: UInt64(seed)))
      let chosen = sampling.chosen(matches, drawing: &first)
      #expect(chosen == sampling.chosen(matches, drawing: &second))
      for index in chosen { drawn[index] += 1 }
    }
    for index in matches.indices where matches[index] == .object(0) { #expect((650...950).contains(drawn[index])) }
    #expect(drawn[1] > 200 && drawn[5] == 0)
  }
}
