import Kernels
import Tensors
import Testing

@Suite struct NonMaximumSuppressionTests {
  @Test func agreesWithTorchvision() throws {
    var ties = 0
    for set in try BoxFixture().sets {
      let suppression = NonMaximumSuppression(threshold: set.threshold)
      #expect(suppression.kept(set.first, scores: set.scores) == set.kept, "set \(set.number)")
      #expect(
        suppression.kept(set.first, scores: set.scores, groups: set.groups) == set.keptOfGroups, "set \(set.number)")
      ties += Set(set.scores).count < set.scores.count ? 1 : 0
    }
    #expect(ties > 500)
  }

  /// More boxes than a block and a tile hold, against the plain loop; on any number of threads.
  @Test(arguments: [0.3, 0.7]) func manyBoxes(threshold: Double) {
    var stream = RandomStream(seed: 4)
    let boxes = Boxes(edges: (0..<3_000).flatMap { _ in stream.box() })
    let scores = (0..<3_000).map { _ in Float(stream.integer(below: 500)) }
    let overlaps = BoxOverlaps.matrix(boxes, boxes)
    var expected: [Int] = []
    for index in NonMaximumSuppression.order(of: scores)
    where !expected.contains(where: { Double(overlaps[$0 * 3_000 + index]) > threshold }) {
      expected.append(index)
    }
    let suppression = NonMaximumSuppression(threshold: threshold)
    #expect(suppression.kept(boxes, scores: scores) == expected)
    #expect(ThreadPool(threads: 3).use { suppression.kept(boxes, scores: scores) } == expected)
    #expect(
      NonMaximumSuppression(threshold: threshold, limit: 70).kept(boxes, scores: scores) == Array(expected.prefix(70)))
    #expect(expected.count > 70 && expected.count < 3_000)
  }

  @Test func scoresThatAreNotNumbersAreRemoved() {
    let boxes = Boxes(edges: [0, 0, 2, 2, 0, 0, 2, 2, 5, 5, 7, 7])
    #expect(NonMaximumSuppression(threshold: 0.5).kept(boxes, scores: [.nan, 1, -.infinity]) == [1, 2])
    #expect(NonMaximumSuppression(threshold: 0.5).kept(Boxes(), scores: []) == [])
  }
}
