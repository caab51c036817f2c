import Autodiff
import Kernels
import Layers
import Networks
import Tensors
import TestSupport
import Testing

/// Several outputs of one network.
@Suite struct NetworkOutputsTests {
  private let extents = Extents([Extent(height: 6, width: 5), Extent(height: 4, width: 7)])

  private func images(_ tape: Tape, seed: UInt64 = 3) -> FeatureMaps {
    var stream = RandomStream(seed: seed)
    return FeatureMaps(tape.constant(stream.normal([extents.positionCount, 2])), extents)
  }

  /// Two heads on one trunk.
  private func twoHeads(head: NetworkDescription.Head? = nil) throws -> Network {
    let trunk: [LayerDescription] = [
      .convolution("features.a", outputs: 3, kernel: 3, padding: 1), .relu("features.b"),
    ]
    var description = NetworkDescription(layers: trunk, head: head)
    description.outputs = [
      OutputDescription(
        "other",
        [
          .convolution("other.c", outputs: 2, kernel: 1), LayerDescription("other.d", GlobalAveragePoolingLayer()),
          .linear("other.e", outputs: 3),
        ])
    ]
    if head == nil {
      description.outputs.insert(
        OutputDescription(
          "main", [LayerDescription("head.pool", GlobalAveragePoolingLayer()), .linear("head.f", outputs: nil)]), at: 0)
    }
    return try description.network(channels: 2, classes: 4)
  }

  @Test func outputsAreFoundByTheirNames() throws {
    for head in [nil, NetworkDescription.Head(kind: .gap)] {
      let network = try twoHeads(head: head)
      #expect(network.outputs.map(\.name) == ["main", "other"] && network.main?.name == "main")
      #expect(network.layers[network.trunk].map(\.path) == ["features.a", "features.b"])
      #expect(network.layers.filter { $0.role == .classifier }.map(\.name).suffix(1) == ["e"])
      #expect(network.layers.filter { $0.role == .hidden && !$0.parameters.isEmpty }.map(\.path) == ["other.c"])
      #expect(network.layers.filter { $0.role == .backbone }.map(\.path) == ["features.a", "features.b"])
      let tape = Tape(parameters: network.initialParameters(seed: 5), mode: .evaluation)
      let outputs = network.forward(images(tape), regions: [], on: tape)
      #expect(outputs.names == ["main", "other"] && outputs["third"] == nil)
      #expect(outputs.logits.value.shape == [2, 4] && outputs["other"]?.value.shape == [2, 3])
      let shapes = try network.outputShapes(of: .maps(Extent(height: 6, width: 5), channels: 2))
      #expect(shapes.last == .features(3) && shapes[network.main!.range].last == .features(4))
    }
  }

  /// Each output alone is the chain of trunk and head.
  @Test func anOutputIsAChainFromTheTrunk() throws {
    let network = try twoHeads()
    let parameters = network.initialParameters(seed: 5)
    let tape = Tape(parameters: parameters, mode: .evaluation)
    let outputs = network.forward(images(tape), regions: [], on: tape)
    for output in network.outputs {
      let chain = network.layers[network.trunk] + network.layers[output.range]
      let alone = try NetworkDescription(layers: chain.map(\.description))
        .network(channels: 2, classes: output.name == "main" ? 4 : 3)
      #expect(alone.forward(images(tape), regions: [], on: tape).logits.value == outputs[output.name]?.value)
    }
  }

  /// The gradients of both losses' sum, in the trunk and in both heads.
  @Test func bothLossesReachTheTrunk() throws {
    let network = try twoHeads()
    var stream = RandomStream(seed: 3)
    // Small maps and large weights, as the difference of two losses has few digits.
    let extents = Extents([Extent(height: 2, width: 2), Extent(height: 1, width: 3)])
    let parameters = Parameters(
      network.initialParameters(seed: 5).map { ($0.name, Elementwise.scale($0.tensor, by: 2)) })
    let check = GradientCheck(inputs: [stream.normal([extents.positionCount, 2])], parameters: parameters) {
      tape, inputs in
      let outputs = network.forward(FeatureMaps(inputs[0], extents), regions: [], on: tape)
      guard case .features(let other)? = outputs["other"] else { preconditionFailure("no other") }
      return tape.sum(
        tape.softmaxCrossEntropy(outputs.logits, labels: [1, 3]), tape.softmaxCrossEntropy(other, labels: [2, 0]))
    }
    #expect(check.agrees(within: 0.02, gradients: 9), "\(check)")
    // One loss alone leaves the other head without a gradient.
    var collector = GradientCollector()
    let tape = Tape(parameters: network.initialParameters(seed: 5), mode: .training(seed: 1))
    let logits = network.forward(images(tape), regions: [], on: tape).logits
    tape.backward(from: tape.softmaxCrossEntropy(logits, labels: [1, 3]), into: &collector)
    let names = network.parameters.map(\.name)
    #expect(
      collector.gradients.keys.sorted().map { names[$0] } == [
        "features.a.weight", "features.a.bias", "head.f.weight", "head.f.bias",
      ])
  }

  /// No source model has the layers of another output.
  @Test func otherOutputsBeginAnew() throws {
    var description = NetworkDescription(head: .init(kind: .fcRank, width: 8, depth: 1, rank: 2))
    description.outputs = [
      OutputDescription(
        "other", [LayerDescription("other.a", GlobalAveragePoolingLayer()), .linear("other.b", outputs: 3)])
    ]
    let transfer = try description.transfer(channels: 1, classes: 4, seed: 1)
    #expect(transfer.new == ["head.classifier", "other.b"])
    #expect(description.backbone.outputs.isEmpty)
  }
}
