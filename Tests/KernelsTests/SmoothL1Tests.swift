import Kernels
import Tensors
import Testing

/// Losses of all elements of a set against torch's.
@Suite struct SmoothL1Tests {
  @Test func agreesWithTorch() throws {
    for set in try BoxFixture().sets where !set.first.isEmpty {
      let x = Tensor(set.given, shape: [set.first.count, 4])
      let (loss, places) = (SmoothL1(beta: set.beta), Array(0..<set.given.count))
      let sum = loss.sum(x, at: places, targets: set.first.edges)
      #expect(BoxFixture.agrees([Float(sum)], [set.losses[0]]), "set \(set.number)")
      let gradient = loss.gradient(x, at: places, targets: set.first.edges, factor: 1)
      // Of |x| at 0 torch gives the gradient −1, we 0.
      let expected = places.map { place in
        set.beta == 0 && set.given[place] == set.first.edges[place] ? 0 : set.gradients[2 * place]
      }
      #expect(BoxFixture.agrees(gradient.values, expected), "set \(set.number)")
    }
  }
}

@Suite struct BinaryCrossEntropyTests {
  @Test func agreesWithTorch() throws {
    for set in try BoxFixture().sets where !set.first.isEmpty {
      let x = Tensor(set.given, shape: [set.first.count, 4])
      let places = Array(0..<set.given.count)
      let truth = places.map { set.groups[$0 / 4] > 1 }
      let sum = BinaryCrossEntropy.sum(x, at: places, isTrue: truth)
      #expect(BoxFixture.agrees([Float(sum)], [set.losses[1]]), "set \(set.number)")
      let gradient = BinaryCrossEntropy.gradient(x, at: places, isTrue: truth, factor: 1)
      #expect(BoxFixture.agrees(gradient.values, places.map { set.gradients[2 * $0 + 1] }), "set \(set.number)")
    }
  }
}
