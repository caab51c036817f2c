import Kernels
import Tensors
import Testing

@Suite struct BoxCoderTests {
  @Test func deltasAgreeWithTorchvision() throws {
    for set in try BoxFixture().sets where !set.second.isEmpty {
      let boxes = set.second.selected(set.first.indices.map { $0 % set.second.count })
      let deltas = set.coder.deltas(from: set.first, to: boxes)
      #expect(BoxFixture.agrees(deltas, set.deltas), "set \(set.number)")
    }
  }

  @Test func boxesAgreeWithTorchvision() throws {
    for set in try BoxFixture().sets {
      #expect(BoxFixture.agrees(set.coder.boxes(from: set.first, set.given).edges, set.decoded), "set \(set.number)")
    }
  }

  /// The negative control, and the way there and back.
  @Test func otherWeightsGiveOtherDeltas() {
    let (from, to) = (Boxes(edges: [10, 10, 30, 40]), Boxes(edges: [12, 8, 40, 50]))
    let deltas = BoxCoder.regions.deltas(from: from, to: to)
    #expect(!BoxFixture.agrees(deltas, BoxCoder.proposals.deltas(from: from, to: to)))
    #expect(BoxFixture.agrees(BoxCoder.regions.boxes(from: from, deltas).edges, to.edges))
  }
}
