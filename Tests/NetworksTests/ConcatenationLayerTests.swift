import Autodiff
import Kernels
import Layers
import Networks
import Tensors
import TestSupport
import Testing

@Suite struct ConcatenationLayerTests {
  private let extents = Extents([Extent(height: 6, width: 5), Extent(height: 4, width: 7)])

  private func concatenation(_ name: String, _ branches: [[LayerDescription]]) -> LayerDescription {
    LayerDescription(name, ConcatenationLayer(branches: branches))
  }

  /// Maps of two branches and of the input itself, then features of two poolings.
  private func branched() throws -> Network {
    try NetworkDescription(layers: [
      concatenation(
        "features.one",
        [
          [.convolution("a", outputs: 2, kernel: 3, padding: 1), .relu("b")],
          [.convolution("c", outputs: 3, kernel: 1)],
          [],
        ]),
      concatenation(
        "head.two",
        [
          [LayerDescription("d", GlobalAveragePoolingLayer())], [LayerDescription("e", AverageMaxPoolingLayer())],
        ]),
      .linear("head.classifier", outputs: nil),
    ]).network(channels: 2, classes: 4)
  }

  private func images(_ tape: Tape, seed: UInt64 = 3) -> FeatureMaps {
    var stream = RandomStream(seed: seed)
    return FeatureMaps(tape.constant(stream.normal([extents.positionCount, 2])), extents)
  }

  @Test func parametersAndShapesFollowTheBranches() throws {
    let network = try branched()
    #expect(
      network.parameters.map(\.name) == [
        "features.one.a.weight", "features.one.a.bias", "features.one.c.weight", "features.one.c.bias",
        "head.classifier.weight", "head.classifier.bias",
      ])
    // 2 + 3 + 2 channels, averaged and again averaged beside their maxima.
    #expect(network.parameters.map(\.shape) == [[3, 3, 2, 2], [2], [1, 1, 2, 3], [3], [21, 4], [4]])
    #expect(network.layers.map(\.role) == [.backbone, .hidden, .classifier])
    let summary = try NetworkSummary(network, input: .maps(Extent(height: 6, width: 5), channels: 2))
    #expect(summary.rows.map(\.path).contains("features.one.c"))
    #expect(summary.rows.first { $0.path == "features.one" }?.output == .maps(Extent(height: 6, width: 5), channels: 7))
    #expect(summary.parameters == network.parameters.reduce(0) { $0 + $1.shape.reduce(1, *) })
    #expect(summary.multiplyAccumulates == 30 * (9 * 2 * 2 + 2 * 3) + 21 * 4)
  }

  /// Each branch as a network of its own gives the columns that the concatenation has of it.
  @Test func aConcatenationIsItsBranchesSideBySide() throws {
    let network = try branched()
    let parameters = network.initialParameters(seed: 5)
    var tapped: [String: Tensor] = [:]
    let tape = Tape(parameters: parameters, mode: .evaluation)
    let input = images(tape)
    _ = network.forward(input, regions: [], on: tape) { tapped[$0.path] = $1.value }
    let whole = try #require(tapped["features.one"])
    for (layers, columns) in [
      ([LayerDescription.convolution("features.one.a", outputs: 2, kernel: 3, padding: 1), .relu("b")], 0..<2),
      ([.convolution("features.one.c", outputs: 3, kernel: 1)], 2..<5),
    ] {
      let branch = try NetworkDescription(layers: layers).network(channels: 2, classes: 4)
      let value = branch.forward(input, regions: [], on: tape).main.value
      #expect(Concatenation.columns(columns, of: whole) == value)
    }
    #expect(Concatenation.columns(5..<7, of: whole) == input.variable.value)
  }

  @Test func branchesAgreeWithDifferences() throws {
    let network = try branched()
    var stream = RandomStream(seed: 3)
    let extents = extents
    let check = GradientCheck(
      inputs: [stream.normal([extents.positionCount, 2])], parameters: network.initialParameters(seed: 5)
    ) { tape, inputs in network.forward(FeatureMaps(inputs[0], extents), regions: [], on: tape).logits }
    #expect(check.agrees(within: 0.02, gradients: 7), "\(check)")
  }

  @Test func branchesThatDoNotFitAreNamed() {
    func problem(_ branches: [[LayerDescription]], size: Extent? = nil) -> String {
      do {
        _ = try NetworkDescription(layers: [concatenation("features.x", branches)], size: size)
          .network(channels: 2, classes: 3)
      } catch { return "\(error)" }
      return "none"
    }
    let size = Extent(height: 8, width: 8)
    #expect(problem([[.halving("a")], []], size: size).contains("features.x concatenates 4 × 4 × 2 and 8 × 8 × 2"))
    #expect(problem([[LayerDescription("a", GlobalAveragePoolingLayer())], []]).contains("features.x concatenates"))
    #expect(problem([[.linear("a", outputs: 3)]]).contains("features.x.a gets maps of 2 channels, expected features"))
    // Channels that double at every step are refused before their number is too large to be counted.
    let doubling = (0..<80).map { concatenation("features.d\($0)", [[], []]) }
    #expect(throws: ShapeError.self) { try NetworkDescription(layers: doubling).network(channels: 2, classes: 3) }
  }
}
