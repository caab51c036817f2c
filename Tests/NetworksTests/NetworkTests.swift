import Autodiff
import Kernels
import Layers
import Networks
import Tensors
import Testing

@Suite struct NetworkTests {
  let fc, gap: Network

  init() throws {
    fc = try NetworkDescription(head: .init(kind: .fc)).network(channels: 1, classes: 10)
    gap = try NetworkDescription(head: .init(kind: .gap)).network(channels: 1, classes: 10)
  }

  @Test func shapesAreThoseDocumented() throws {
    let shapes = try fc.outputShapes(of: .maps(Extent(height: 36, width: 40), channels: 1))
    func shape(_ name: String) -> ActivationShape { shapes[fc.layers.firstIndex { $0.name == name }!] }
    #expect(shape("conv1_2") == .maps(Extent(height: 36, width: 40), channels: 16))
    #expect(shape("pool2") == .maps(Extent(height: 9, width: 10), channels: 32))
    #expect(shape("roi_pool") == .maps(Extent(height: 7, width: 7), channels: 32))
    #expect(shape("flatten") == .features(1568))
    #expect(shape("classifier") == .features(10))
    let parameters = Dictionary(uniqueKeysWithValues: fc.parameters.map { ($0.name, $0.shape) })
    #expect(parameters["features.conv1_1.weight"] == [3, 3, 1, 16])
    #expect(parameters["head.fc6.weight"] == [1568, 256])
    #expect(parameters["head.classifier.bias"] == [10])
  }

  @Test func tooSmallAnImageIsNamed() {
    #expect(throws: ShapeError.self) { try fc.outputShapes(of: .maps(Extent(height: 1, width: 9), channels: 1)) }
    #expect(throws: ShapeError.self) { try fc.outputShapes(of: .maps(Extent(height: 36, width: 36), channels: 3)) }
  }

  @Test func initialValuesDependOnSeedAndNameAlone() {
    let (a, b) = (fc.initialParameters(seed: 1), gap.initialParameters(seed: 1))
    #expect(a["features.conv1_1.weight"] == b["features.conv1_1.weight"])
    #expect(a["features.conv1_2.weight"] != fc.initialParameters(seed: 2)["features.conv1_2.weight"])
    let fc6 = a["head.fc6.weight"]!.values
    let standardDeviation = (fc6.reduce(0) { $0 + Double($1 * $1) } / Double(fc6.count)).squareRoot()
    #expect(abs(standardDeviation / (1.0 / (3 * 1568)).squareRoot() - 1) < 0.01)
    #expect(a["features.norm1_1.scale"] == Tensor(repeating: 1, shape: [16]))
  }

  /// Images of several sizes in one batch give each image's own logits in evaluation.
  @Test(arguments: [true, false]) func aRaggedBatchIsItsImages(isFC: Bool) {
    let network = isFC ? fc : gap
    var stream = RandomStream(seed: 5)
    let parameters = network.initialParameters(seed: 1)
    let maps = [Extent(height: 32, width: 36), Extent(height: 40, width: 28)]
    let images = maps.map { stream.normal([$0.area, 1]) }
    func logits(_ images: [Tensor], _ maps: [Extent]) -> [Float] {
      let tape = Tape(parameters: parameters, mode: .evaluation)
      let x = tape.constant(Tensor(images.flatMap(\.values), shape: [Extents(maps).positionCount, 1]))
      let regions = maps.indices.map { Region(image: $0) }
      return network.forward(FeatureMaps(x, Extents(maps)), regions: regions, on: tape).logits.value.values
    }
    let alone = zip(images, maps).flatMap { logits([$0], [$1]) }
    let together = logits(images, maps)
    #expect(zip(alone, together).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  /// A ReLU fused into the layer before it, of every kind that fuses one, gives bit-for-bit identical logits and gradients.
  @Test(arguments: ["fc", "gap", "residual"], [true, false])
  func aFusedReLUChangesNothing(name: String, isFrozen: Bool) throws {
    let residual = try NetworkDescription(layers: [
      .convolution("features.a", outputs: 4, kernel: 3, padding: 1), .relu("features.relu_a"),
      LayerDescription(
        "features.b",
        ResidualLayer(layers: [.convolution("c", outputs: 4, kernel: 3, padding: 1), .normalization("d")])),
      .relu("features.relu_b"), LayerDescription("head.pool", GlobalAveragePoolingLayer()),
      .linear("head.e", outputs: 5), .relu("head.relu_e"), .linear("head.classifier", outputs: nil),
    ]).network(channels: 1, classes: 10)
    let network = ["fc": fc, "gap": gap][name] ?? residual
    var stream = RandomStream(seed: 7)
    let parameters = network.initialParameters(seed: 1)
    let extents = Extents(count: 3, height: 17, width: 16)
    let images = stream.normal([extents.positionCount, 1])
    func step(_ tap: ((Network.Layer, Activation) -> Void)?) -> (Tensor, [Tensor]) {
      let tape = Tape(parameters: parameters, mode: .training(seed: 1)) { !isFrozen || !$0.hasPrefix("features.") }
      let logits = network.forward(
        FeatureMaps(tape.constant(images), extents), regions: (0..<3).map { Region(image: $0) }, on: tape, tap: tap
      ).logits
      var collector = GradientCollector()
      tape.backward(from: tape.softmaxCrossEntropy(logits, labels: [0, 3, 1]), into: &collector)
      return (logits.value, collector.gradients.sorted { $0.key < $1.key }.map { $0.value.materialized() })
    }
    var seen: [String] = []
    let (apart, together) = (step { layer, _ in seen.append(layer.path) }, step(nil))
    #expect(apart == together)
    #expect(seen == network.layers.map(\.path) && !apart.1.isEmpty)
  }

  /// Frozen features stay as they are, running statistics included.
  @Test func frozenNormalizationKeepsItsStatistics() {
    var stream = RandomStream(seed: 6)
    let parameters = gap.initialParameters(seed: 1)
    let tape = Tape(parameters: parameters, mode: .training(seed: 1)) { $0.hasPrefix("head.") }
    let extents = Extents(count: 2, height: 16, width: 16)
    let x = tape.constant(stream.normal([extents.positionCount, 1]))
    let logits = gap.forward(
      FeatureMaps(x, extents), regions: [Region(image: 0), Region(image: 1)], on: tape
    ).logits
    var collector = GradientCollector()
    tape.backward(from: tape.softmaxCrossEntropy(logits, labels: [1, 2]), into: &collector)
    let names = gap.parameters.map(\.name)
    #expect(collector.gradients.keys.sorted().map { names[$0] } == ["head.classifier.weight", "head.classifier.bias"])
    let after = tape.finish()
    #expect(after["features.norm1_1.mean"] == parameters["features.norm1_1.mean"])
  }
}
