import Autodiff
import Kernels
import Layers
import Networks
import Tensors
import TestSupport
import Testing

/// Presets against the numbers that their papers, Keras and torchvision publish.
@Suite struct PresetTests {
  private func summary(
    _ preset: NetworkDescription.Preset, _ head: NetworkDescription.Head? = nil, size: Int = 224, channels: Int = 3,
    classes: Int = 1000
  ) throws -> NetworkSummary {
    let network = try NetworkDescription(preset: preset, head: head).network(channels: channels, classes: classes)
    return try NetworkSummary(network, input: .maps(Extent(height: size, width: size), channels: channels))
  }

  @Test(arguments: [
    (NetworkDescription.Preset.vgg11, 132_863_336, 7_609_090_048), (.vgg13, 133_047_848, 11_308_466_176),
    (.vgg16, 138_357_544, 15_470_264_320), (.vgg19, 143_667_240, 19_632_062_464),
    (.resnet18, 11_689_512, 1_814_073_344), (.resnet34, 21_797_672, 3_663_761_408),
    (.resnet50, 25_557_032, 4_089_184_256), (.resnet101, 44_549_160, 7_801_405_440),
    (.alexnet, 61_100_840, 714_188_480), (.caffenet, 60_965_224, 724_406_816),
    (.googlenet, 6_624_904, 1_498_376_192), (.squeezenet10, 1_248_424, 818_924_576),
    (.squeezenet11, 1_235_496, 349_151_936), (.mobilenetV1, 4_231_976, 568_740_352),
  ]) func publishedCounts(preset: NetworkDescription.Preset, parameters: Int, multiplyAccumulates: Int) throws {
    let summary = try summary(preset, size: preset == .caffenet ? 227 : 224)
    #expect(summary.parameters == parameters)
    #expect(summary.multiplyAccumulates == multiplyAccumulates)
    #expect(summary.rows.last?.output == .features(1000))
  }

  @Test func theShareOfFullyConnectedLayers() throws {
    let vgg = try summary(.vgg16)
    #expect(vgg.fullyConnected == (119_545_856, 4_097_000))
    #expect(try summary(.vgg16, .init(kind: .none)).parameters == 14_714_688)
    #expect(try summary(.vgg19, .init(kind: .none)).parameters == 20_024_384)
    let residual = try summary(.resnet18)
    #expect(residual.fullyConnected == (0, 513_000))
    // torch's state dict: 9,600 numbers are running means and variances.
    #expect(residual.statistics == 9_600)
    #expect(try summary(.lenet, size: 28, channels: 1, classes: 10).parameters == 431_080)
  }

  /// Keras's official VGG16 is found by name: these layers with these shapes.
  @Test func namesAreThoseOfWeightFiles() throws {
    let network = try NetworkDescription(preset: .vgg16).network(channels: 3, classes: 1000)
    let shapes = Dictionary(uniqueKeysWithValues: network.parameters.map { ($0.name, $0.shape) })
    #expect(shapes["features.block1_conv1.weight"] == [3, 3, 3, 64])
    #expect(shapes["features.block5_conv3.bias"] == [512])
    #expect(shapes["head.fc1.weight"] == [25088, 4096])
    #expect(shapes["head.fc2.weight"] == [4096, 4096])
    #expect(shapes["head.predictions.weight"] == [4096, 1000])
    #expect(network.parameters.count == 32)
    let residual = try NetworkDescription(preset: .resnet18).network(channels: 3, classes: 1000)
    let names = residual.parameters.map(\.name)
    #expect(Set(names).count == 62 + 40)
    #expect(names.contains("features.layer2_0.layer2_0_downsample_1.scale") && names.contains("head.fc.bias"))
  }

  @Test func theShapesOfResNet() throws {
    let summary = try summary(.resnet18)
    func shape(_ path: String) -> ActivationShape? { summary.rows.first { $0.path == path }?.output }
    #expect(shape("features.maxpool") == .maps(Extent(height: 56, width: 56), channels: 64))
    #expect(shape("features.layer3_1") == .maps(Extent(height: 14, width: 14), channels: 256))
    #expect(shape("features.layer4_0.layer4_0_downsample_0") == .maps(Extent(height: 7, width: 7), channels: 512))
    #expect(shape("head.average") == .features(512))
  }

  /// Extents of torch's (Caffe's, Keras's) own networks, where rounding and padding decide them.
  @Test(arguments: [
    (NetworkDescription.Preset.alexnet, 224, "pool2 13 192, conv5 13 256"),
    (.caffenet, 227, "pool1 27 96, pool2 13 256, conv5 13 256"),
    (.googlenet, 224, "maxpool2 28 192, inception3b 28 480, inception5b 7 1024"),
    (.squeezenet10, 224, "pool1 54 96, pool4 27 256, fire9 13 512"),
    (.squeezenet11, 227, "conv1 113 64, pool1 56 64, fire9 14 512"),
    (.resnet50, 224, "layer1_0 56 256, layer4_2 7 2048"),
    (.mobilenetV1, 224, "conv1 112 32, conv_dw_2 56 64, conv_pw_13 7 1024"),
  ]) func extents(preset: NetworkDescription.Preset, size: Int, expected: String) throws {
    let summary = try summary(preset, size: size)
    for text in expected.split(separator: ", ") {
      let parts = text.split(separator: " ")
      let (side, channels) = try (#require(Int(parts[1])), #require(Int(parts[2])))
      let row = try #require(summary.rows.first { $0.path == "features.\(parts[0])" }, "\(preset): \(text)")
      #expect(row.output == .maps(Extent(height: side, width: side), channels: channels), "\(preset): \(text)")
    }
    #expect(summary.rows.last?.output == .features(1000))
  }

  /// ROIPool of the whole last map has the windows of the pooling that AlexNet has in its place.
  @Test func regionsOfAlexNetAreItsLastPooling() {
    var stream = RandomStream(seed: 8)
    let x = stream.normal([169, 3])
    let extents = Extents(count: 1, height: 13, width: 13)
    let pooled = MaxPooling(size: 3, stride: 2).forward(x, extents)
    let regions = ROIPool(height: 6, width: 6).forward(x, extents, regions: [Region(image: 0)], spatialScale: 1)
    #expect(pooled.output == regions.output && pooled.argmax == regions.argmax)
  }

  /// A residual network's gradients, both chains and an identity shortcut, on maps of two extents.
  @Test func aResidualNetworkAgreesWithDifferences() throws {
    let main: [LayerDescription] = [
      .convolution("a", outputs: 3, kernel: 3, stride: 2, padding: 1, hasBias: false), .relu("b"),
      .convolution("c", outputs: 3, kernel: 3, padding: 1),
    ]
    let description = NetworkDescription(layers: [
      LayerDescription(
        "features.one",
        ResidualLayer(
          layers: main, shortcut: [.convolution("d", outputs: 3, kernel: 1, stride: 2, hasBias: false)])),
      LayerDescription(
        "features.two", ResidualLayer(layers: [.convolution("e", outputs: 3, kernel: 3, padding: 1)])),
      LayerDescription("head.pool", AverageMaxPoolingLayer()), .linear("head.classifier", outputs: nil),
    ])
    let network = try description.network(channels: 2, classes: 4)
    #expect(
      network.parameters.map(\.name) == [
        "features.one.a.weight", "features.one.c.weight", "features.one.c.bias", "features.one.d.weight",
        "features.two.e.weight", "features.two.e.bias", "head.classifier.weight", "head.classifier.bias",
      ])
    var stream = RandomStream(seed: 3)
    let extents = Extents([Extent(height: 5, width: 6), Extent(height: 4, width: 3)])
    let check = GradientCheck(
      inputs: [stream.normal([extents.positionCount, 2])], parameters: network.initialParameters(seed: 5)
    ) { tape, inputs in network.forward(FeatureMaps(inputs[0], extents), regions: [], on: tape).logits }
    #expect(check.agrees(within: 0.02, gradients: 9), "\(check)")
  }
}
