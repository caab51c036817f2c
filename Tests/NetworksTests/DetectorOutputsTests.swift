import Autodiff
import Kernels
import Layers
import Networks
import Tensors
import Testing

@Suite struct DetectorOutputsTests {
  let extents = Extents([Extent(height: 20, width: 24), Extent(height: 28, width: 20)])

  private func network(_ kind: NetworkDescription.Head.Kind, dropout: Double = 0) throws -> Network {
    try NetworkDescription(
      head: .init(kind: kind, width: kind == .fc || kind == .fcConvolution ? 16 : nil, dropout: dropout)
    )
    .detecting(DetectorOutputs(boxCount: 8, anchors: 3, width: 12))
    .network(channels: 1, classes: 3, regions: true)
  }

  private func values(_ activation: Activation?) -> Tensor? { activation?.value }

  /// Their names and shapes, and that class scores are those of the network without them.
  @Test(arguments: [NetworkDescription.Head.Kind.fc, .gap, .fcConvolution])
  func namesAndShapes(kind: NetworkDescription.Head.Kind) throws {
    let network = try network(kind)
    #expect(network.outputs.map(\.name) == ["main", "boxes", "objectness", "deltas"])
    let parameters = network.initialParameters(seed: 3)
    var stream = RandomStream(seed: 4)
    let pixels = stream.normal([extents.positionCount, 1])
    let regions = [
      Region(image: 1, box: .init(x1: 2, y1: 3, x2: 15, y2: 22)),
      Region(image: 0, box: .init(x1: 0, y1: 0, x2: 9, y2: 9)),
    ]
    let tape = Tape(parameters: parameters, mode: .evaluation)
    let images = FeatureMaps(tape.constant(pixels), extents)
    let all = network.forward(images, regions: regions, on: tape)
    #expect(values(all["main"])?.shape == [2, 3] && values(all["boxes"])?.shape == [2, 8])
    let positions = 5 * 6 + 7 * 5
    #expect(values(all["objectness"])?.shape == [positions, 3] && values(all["deltas"])?.shape == [positions, 12])
    let plain = try NetworkDescription(
      head: .init(kind: kind, width: kind == .gap ? nil : 16, dropout: 0)
    ).network(channels: 1, classes: 3, regions: true)
    let alone = plain.forward(images, regions: regions, on: tape)
    #expect(values(alone["main"]) == values(all["main"]))
    // In two parts, as a detector runs it.
    let end = network.trunkOutput(of: images, on: tape)
    let proposed = network.outputs(["objectness", "deltas"], from: end, regions: [], on: tape)
    let judged = network.outputs(["main", "boxes"], from: end, regions: regions, on: tape)
    #expect(proposed.names == ["objectness", "deltas"] && judged.names == ["main", "boxes"])
    for name in proposed.names { #expect(values(proposed[name]) == values(all[name])) }
    for name in judged.names { #expect(values(judged[name]) == values(all[name])) }
  }

  /// A source model has neither box deltas nor a proposal network; its hidden layers are taken.
  @Test func transferLeavesThemNew() throws {
    let description = NetworkDescription(head: .init(kind: .fc, width: 16))
      .detecting(DetectorOutputs(boxCount: 8, anchors: 3))
    let transfer = try description.transfer(channels: 1, classes: 3, regions: true, seed: 1)
    #expect(
      transfer.new == ["head.classifier", "head.boxes", "rpn.rpn_conv", "rpn.rpn_objectness", "rpn.rpn_deltas"])
  }

  @Test func aHeadIsNeeded() {
    let description = NetworkDescription(layers: [.convolution("features.a", outputs: 4, kernel: 3)])
      .detecting(DetectorOutputs(boxCount: 4))
    #expect(throws: ShapeError.self) { try description.network(channels: 1, classes: 2, regions: true) }
  }
}
