import Kernels
import Layers
import Networks
import Tensors
import Testing

@Suite struct LayerRoleTests {
  private func names(_ role: LayerRole, _ network: Network) -> [String] {
    network.layers.filter { $0.role == role && !$0.parameters.isEmpty }.map(\.name)
  }

  @Test func rolesFollowTheHead() throws {
    let fc = try NetworkDescription(preset: .lenet, head: .init(kind: .fc)).network(channels: 1, classes: 3)
    #expect(names(.backbone, fc) == ["conv1", "conv2"])
    #expect(names(.hidden, fc) == ["ip1"] && names(.classifier, fc) == ["ip2"])
    let convolutions = try NetworkDescription(head: .init(kind: .fcConvolution, width: 8)).network(
      channels: 1, classes: 3)
    #expect(names(.hidden, convolutions) == ["fc6", "fc7"] && names(.classifier, convolutions) == ["classifier"])
    let residual = try NetworkDescription(preset: .resnet18).network(channels: 3, classes: 3)
    #expect(names(.hidden, residual).isEmpty && names(.classifier, residual) == ["fc"])
    #expect(names(.backbone, residual).contains("layer4_1"))
    let bare = try NetworkDescription(preset: .smallVGG, head: .init(kind: .none)).network(channels: 1, classes: 3)
    #expect(bare.layers.allSatisfy { $0.role == .backbone })
    #expect(bare.classifierIndex == nil)
  }

  @Test func onFeatureMapsThereIsNoBackbone() throws {
    for kind in NetworkDescription.Head.Kind.allCases where kind != .none {
      let description = NetworkDescription(head: .init(kind: kind, width: 8, rank: kind == .fcRank ? 2 : nil))
      let network = try description.onFeatures(imageChannels: 1).network(channels: 32, classes: 3)
      #expect(names(.backbone, network).isEmpty)
      #expect(names(.classifier, network) == ["classifier"])
      #expect(
        names(.hidden, network).isEmpty == [.gap, .gapCut, .flatten, .dan, .convolutionGAP].contains(kind), "\(kind)")
    }
  }

  @Test func aListHasRolesByItsLayers() throws {
    let size = Extent(height: 6, width: 6)
    func network(_ layers: [LayerDescription]) throws -> Network {
      try NetworkDescription(layers: layers, size: size).network(channels: 1, classes: 3)
    }
    let dense = try network([
      .convolution("features.a", outputs: 4, kernel: 3), .normalization("features.b"),
      LayerDescription("head.c", FlattenLayer()), .linear("head.d", outputs: 5), .normalization("head.e"),
      .relu("head.f"), .linear("head.g", outputs: nil),
    ])
    #expect(names(.backbone, dense) == ["a", "b"])
    #expect(names(.hidden, dense) == ["d", "e"] && names(.classifier, dense) == ["g"])
    // A score map that is averaged: the classifier lies before the first layer that is not spatial.
    let convolved = try network([
      .convolution("features.a", outputs: 4, kernel: 3), .convolution("features.b", outputs: nil, kernel: 1),
      LayerDescription("head.c", GlobalAveragePoolingLayer()),
    ])
    #expect(names(.backbone, convolved) == ["a"] && names(.classifier, convolved) == ["b"])
    // Everything from the pooling of regions on is a head, convolutions too.
    let pooled = try network([
      .convolution("features.a", outputs: 4, kernel: 3),
      LayerDescription("head.p", ROIPoolLayer(grid: Extent(height: 2, width: 2))),
      .convolution("head.b", outputs: 4, kernel: 1), LayerDescription("head.c", GlobalAveragePoolingLayer()),
      .linear("head.d", outputs: nil),
    ])
    #expect(names(.hidden, pooled) == ["b"])
  }

  @Test func aKerasModelHasRolesToo() throws {
    let json = """
      {"class_name": "Sequential", "config": {"name": "m", "layers": [
        {"class_name": "Conv2D", "config": {"name": "conv", "batch_input_shape": [null, 8, 8, 1], "filters": 6,
          "kernel_size": [3, 3], "strides": [1, 1], "padding": "valid", "activation": "relu"}},
        {"class_name": "Flatten", "config": {"name": "flat"}},
        {"class_name": "Dense", "config": {"name": "dense", "units": 8, "activation": "relu"}},
        {"class_name": "Dense", "config": {"name": "dense_1", "units": 5, "activation": "softmax"}}]}}
      """
    let model = try KerasModel(json: json, path: "m.h5")
    for (head, hidden) in [(nil, ["dense"]), (NetworkDescription.Head.Kind.gapCut, []), (.fc, ["dense"])] {
      let description = NetworkDescription(
        layers: model.layers, size: model.size, head: head.map { .init(kind: $0, width: $0 == .fc ? 8 : nil) })
      let network = try description.network(channels: 1, classes: 5)
      #expect(names(.backbone, network) == ["conv"] && names(.hidden, network) == hidden)
      #expect(names(.classifier, network) == ["dense_1"])
    }
  }

}
