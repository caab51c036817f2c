import Bulkhead
import Testing

@Suite struct NetworkJobTests {
  /// Parameters and MACs of VGG16 on 224 × 224 as published by Keras and torchvision.
  @Test func aPresetHasItsPublishedSize() throws {
    let summary = try NetworkModel(.vgg16).summary()
    #expect(summary.parameters == 138_357_544)
    #expect(summary.hiddenParameters == 119_545_856 && summary.classifierParameters == 4_097_000)
    #expect(abs(summary.fullyConnectedShare - 0.8937) < 0.0001)
    #expect(summary.layers[0].outputShape == [224, 224, 64] && summary.layers.last?.outputShape == [1000])
    #expect(summary.layers.reduce(0) { $0 + $1.parameters } == summary.parameters)
  }

  @Test func headsAndLayersAreDescribed() throws {
    var network = NetworkModel(.smallVGG, head: .globalAveragePooling)
    #expect(network.head?.kind == "gap")
    network.head = try .named("fc-rank", width: 16, depth: 1, rank: 4)
    #expect(try network.summary(size: 32, channels: 1, classes: 3).layers.last?.outputShape == [3])
    #expect(try NetworkModel(yaml: network.yaml) == network)
    let layers = try NetworkModel(
      yaml: "layers: [{name: features.conv, kind: convolution, outputs: 2, kernel: 3}]\nhead: {kind: gap}\n")
    #expect(try layers.summary(size: 8, channels: 1, classes: 2).layers[0].outputShape == [6, 6, 2])
  }

  @Test func mistakesHaveAKind() {
    #expect(kind { () throws(BulkheadError) in _ = try NetworkModel.Head.named("fcc") } == .invalid)
    #expect(kind { () throws(BulkheadError) in _ = try NetworkModel(yaml: "preset: vgg61") } == .invalid)
    #expect(kind { () throws(BulkheadError) in _ = try NetworkModel(opening: "nowhere.h5") } == .missing)
    #expect(kind { () throws(BulkheadError) in _ = try NetworkModel(opening: "nowhere.yaml") } == .missing)
    let small = NetworkModel(.lenet)
    #expect(kind { () throws(BulkheadError) in _ = try small.summary(size: 2, channels: 1, classes: 2) } == .invalid)
  }
}
