import Kernels
import Tensors
import Testing

@Suite struct BoxesTests {
  /// A box of pixels 2 to 4 reaches from edge 2 to edge 5, and back.
  @Test func edgesAndPixels() {
    let boxes = Boxes([Box(x1: 2, y1: 3, x2: 4, y2: 3)])
    #expect(boxes.edges == [2, 3, 5, 4])
    #expect(boxes.width(0) == 3 && boxes.height(0) == 1 && boxes.area(0) == 3)
    #expect(boxes[0] == Box(x1: 2, y1: 3, x2: 4, y2: 3))
  }

  @Test func clippingAgreesWithTorchvision() throws {
    for set in try BoxFixture().sets {
      #expect(Boxes(edges: set.decoded).clipped(to: set.image).edges == set.clipped, "set \(set.number)")
    }
  }

  @Test func smallAndInfiniteBoxesAreNotChosen() {
    let boxes = Boxes(edges: [0, 0, 2, 2, 0, 0, 1, 5, 0, 0, .infinity, 5, 0, 0, .nan, 5, 3, 3, 9, 5])
    #expect(boxes.indices(atLeast: 2) == [0, 4])
    #expect(boxes.selected([4, 0]).edges == [3, 3, 9, 5, 0, 0, 2, 2])
  }
}

@Suite struct BoxOverlapsTests {
  @Test func agreesWithTorchvision() throws {
    let sets = try BoxFixture().sets
    #expect(sets.count >= 1_000)
    #expect(sets.contains { $0.first.isEmpty } && sets.contains { $0.second.isEmpty })
    for set in sets {
      let overlaps = BoxOverlaps.matrix(set.first, set.second)
      #expect(overlaps.shape == [set.first.count, set.second.count])
      #expect(overlaps.values == set.overlaps, "set \(set.number)")
    }
  }

  /// Enough boxes for several tiles; bit for bit the same on any number of threads.
  @Test func manyBoxesOnSeveralThreads() {
    var stream = RandomStream(seed: 3)
    let boxes = Boxes(edges: (0..<700).flatMap { _ in stream.box() })
    let alone = BoxOverlaps.matrix(boxes, boxes)
    #expect(ThreadPool(threads: 3).use { BoxOverlaps.matrix(boxes, boxes) } == alone)
    for index in boxes.indices { #expect(alone[index * 700 + index] == 1) }
    #expect(alone.values[1] == alone.values[700])
  }
}

extension RandomStream {
  /// The edges of a box within 600 × 800 pixels.
  mutating func box() -> [Float] {
    let (x, y) = (uniform() * 700, uniform() * 500)
    return [x, y, x + 1 + uniform() * 100, y + 1 + uniform() * 100]
  }
}
