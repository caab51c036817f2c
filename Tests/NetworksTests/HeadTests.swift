import Autodiff
import Kernels
import Layers
import Networks
import Tensors
import TestSupport
import Testing

/// All heads on the small VGG: their layers, their numbers, and how they begin with a source model's weights.
@Suite struct HeadTests {
  typealias Kind = NetworkDescription.Head.Kind

  private func description(_ kind: Kind, width: Int = 24, depth: Int = 2, rank: Int? = nil) -> NetworkDescription {
    NetworkDescription(head: .init(kind: kind, width: width, depth: depth, dropout: 0, rank: rank))
  }

  private func logits(
    _ description: NetworkDescription, _ parameters: Parameters, side: Int = 28, regions: [Region]? = nil
  ) throws -> Tensor {
    let network = try description.network(channels: 1, classes: 5, regions: regions != nil)
    var stream = RandomStream(seed: 9)
    let extents = Extents(count: 2, height: side, width: side)
    let tape = Tape(parameters: parameters, mode: .evaluation)
    let images = FeatureMaps(tape.constant(stream.normal([extents.positionCount, 1])), extents)
    return network.forward(images, regions: regions ?? [Region(image: 0), Region(image: 1)], on: tape).logits.value
  }

  /// The parameters of a trained source model: biases and statistics differ from their initial values.
  private func sourceParameters(_ description: NetworkDescription) throws -> Parameters {
    var stream = RandomStream(seed: 31)
    var parameters = try description.network(channels: 1, classes: 5).initialParameters(seed: 8)
    for name in parameters.names where name.hasSuffix("bias") || name.hasSuffix("mean") {
      parameters[name] = stream.normal(parameters[name]!.shape, standardDeviation: 0.1)
    }
    return parameters
  }

  /// The parameters that a head begins with, its classifier the source model's so that outputs can be compared.
  private func transferred(
    _ kind: Kind, rank: Int? = nil, width: Int = 24
  ) throws -> (parameters: Parameters, source: Parameters, notes: [String]) {
    let source = try sourceParameters(description(.fc, width: width))
    let own = description(kind, width: width, rank: rank)
    let (taken, notes) = try own.transfer(channels: 1, classes: 5, seed: 4).parameters(from: source)
    let network = try own.network(channels: 1, classes: 5)
    var parameters = network.initialParameters(seed: 99, given: taken)
    for part in ["weight", "bias"] {
      let name = "head.classifier.\(part)"
      #expect(taken[name] == nil, "the classifier is new")
      if let tensor = source[name], tensor.count == parameters[name]?.count {
        parameters[name] = tensor.reshaped(to: parameters[name]!.shape)
      }
    }
    return (parameters, source, notes)
  }

  /// Features are divided by their own length, so that the scale of the maps makes no difference.
  @Test(arguments: [Kind.gap, .gapCut, .flatten]) func theClassifierSeesNormalizedFeatures(kind: Kind) throws {
    let own = NetworkDescription(head: .init(kind: kind, l2Normalization: true))
    let network = try own.network(channels: 1, classes: 5)
    let index = try #require(network.layers.firstIndex { $0.layer is L2NormalizationLayer })
    #expect(index == network.layers.count - 2)
    var parameters = network.initialParameters(seed: 3)
    let before = try logits(own, parameters)
    // The last normalization's scale and offset scale the maps after it.
    for name in parameters.names where name.contains("norm2_2.scale") || name.contains("norm2_2.offset") {
      parameters[name] = Tensor(parameters[name]!.values.map { 7 * $0 }, shape: parameters[name]!.shape)
    }
    #expect(try logits(own, parameters).distance(to: before) < 1e-5)
    let plain = NetworkDescription(head: .init(kind: kind))
    #expect(try logits(plain, parameters).distance(to: before) > 0.01)
  }

  @Test(arguments: Kind.allCases) func everyHeadHasARowARegion(kind: Kind) throws {
    guard kind != .none else { return }
    let own = description(kind, rank: 5)
    let network = try own.network(channels: 1, classes: 5)
    #expect(!network.endsInMaps)
    let values = try logits(own, network.initialParameters(seed: 1), side: 36)
    #expect(values.shape == [2, 5] && values.values.allSatisfy { $0.isFinite })
    let boxes = [0, 1, 1].map { Region(image: $0, box: .init(x1: 2, y1: 3, x2: 30, y2: 25)) }
    let pooled = try logits(own, network.initialParameters(seed: 1), side: 36, regions: boxes)
    #expect(pooled.shape == [3, 5])
  }

  @Test func withoutAHeadMapsComeOut() throws {
    let network = try NetworkDescription(preset: .smallVGG, head: .init(kind: .none)).network(channels: 1, classes: 5)
    #expect(network.endsInMaps)
    #expect(network.layers.last?.name == "pool2")
  }

  @Test func whatEachHeadTakesFromItsSource() throws {
    func new(_ kind: Kind) throws -> [String] {
      try description(kind, rank: 5).transfer(channels: 1, classes: 5, seed: 1).new
    }
    let both = ["head.fc6", "head.fc7", "head.classifier"]
    for kind in Kind.allCases where kind != .none {
      #expect(try new(kind) == ([.fcRandom, .gapMLP].contains(kind) ? both : ["head.classifier"]), "\(kind)")
    }
    for kind in [Kind.gapCut, .fcRandom, .fcPermuted, .flatten, .gapMLP, .fcRank, .fcConvolution] {
      #expect(kind.source == .fc)
    }
    #expect(Kind.gap.source == .gap && Kind.fcLinear.source == .fcLinear)
    let continued = try description(.fcRank, rank: 5).continuation(channels: 1, classes: 5)
    #expect(continued.new.isEmpty && continued.surgeries.isEmpty)
    #expect(continued.wanted.contains { $0.name == "head.fc6_down.weight" })
  }

  /// The same numbers as convolutions: equal outputs where the map is the grid, the mean of a score map where it is larger.
  @Test func fullyConnectedLayersAreConvolutions() throws {
    let (parameters, source, notes) = try transferred(.fcConvolution)
    #expect(parameters["head.fc6.weight"]!.shape == [7, 7, 32, 24])
    #expect(parameters["head.fc6.weight"]!.asLinear() == source["head.fc6.weight"])
    #expect(source["head.fc6.weight"]!.asConvolution(Extent(height: 7, width: 7)) == parameters["head.fc6.weight"])
    #expect(notes.count == 2 && notes[0].contains("[7, 7, 32, 24]"))
    let whole = try logits(description(.fc), source)
    let convolved = try logits(description(.fcConvolution), parameters)
    let scale = whole.values.map(abs).max()!
    for (a, b) in zip(whole.values, convolved.values) { #expect(abs(a - b) <= 1e-5 * scale) }
    // A 9 × 9 map has 3 × 3 scores.
    let network = try description(.fcConvolution).network(channels: 1, classes: 5)
    let shapes = try network.outputShapes(of: .maps(Extent(height: 36, width: 36), channels: 1))
    #expect(shapes.dropLast().last == .maps(Extent(height: 3, width: 3), channels: 5))
    #expect(try logits(description(.fcConvolution), parameters, side: 36) != logits(description(.fc), source, side: 36))
  }

  /// At full rank the cut changes nothing but rounding; below it the error is printed and grows.
  @Test func aCutToFullRankChangesNothing() throws {
    let (parameters, source, notes) = try transferred(.fcRank, rank: 1000)
    #expect(parameters["head.fc6_down.weight"]!.shape == [1568, 24])
    let whole = try logits(description(.fc), source)
    let full = try logits(description(.fcRank, rank: 1000), parameters)
    #expect(full.distance(to: whole) < 1e-5)
    #expect(notes.count == 2 && notes[0].contains("truncated to rank 24, relative error"))
    var errors: [Double] = []
    for rank in [1, 4, 12] {
      let cut = try transferred(.fcRank, rank: rank).parameters
      #expect(cut["head.fc7_up.weight"]!.shape == [rank, 24])
      #expect(cut["head.fc6_up.bias"] == source["head.fc6.bias"])
      errors.append(try logits(description(.fcRank, rank: rank), cut).distance(to: whole))
    }
    #expect(errors[0] > 10 * full.distance(to: whole) && errors[0] > errors[2])
  }

  @Test func permutedRowsAreTheSameNumbersElsewhere() throws {
    let (parameters, source, _) = try transferred(.fcPermuted)
    let (before, after) = (source["head.fc6.weight"]!, parameters["head.fc6.weight"]!)
    // Whole rows of the source, each once, in an order that the seed alone decides.
    let width = before.shape[1]
    func rows(of tensor: Tensor) -> [[Float]] {
      let values = tensor.values
      return (0..<tensor.shape[0]).map { Array(values[$0 * width..<($0 + 1) * width]) }
    }
    #expect(before != after)
    #expect(
      rows(of: before).sorted { $0.lexicographicallyPrecedes($1) }
        == rows(of: after).sorted { $0.lexicographicallyPrecedes($1) })
    #expect(after == before.permutedRows(seed: 4) && after != before.permutedRows(seed: 5))
    #expect(parameters["head.fc7.weight"] == source["head.fc7.weight"])
    #expect(try logits(description(.fcPermuted), parameters).distance(to: logits(description(.fc), source)) > 1e-3)
  }

  @Test func newLayersAreNewAndTheBackboneIsNot() throws {
    for kind in [Kind.fcRandom, .gapCut, .gapMLP, .flatten] {
      let (parameters, source, _) = try transferred(kind)
      #expect(parameters["features.conv1_1.weight"] == source["features.conv1_1.weight"])
      #expect(parameters["features.norm2_2.mean"] == source["features.norm2_2.mean"])
      if kind == .fcRandom { #expect(parameters["head.fc6.weight"] != source["head.fc6.weight"]) }
    }
  }

  /// Between the hidden layers there is no activation; after the last there is.
  @Test func theLinearHeadHasNoActivationBetween() throws {
    func names(_ kind: Kind) throws -> [String] {
      try description(kind).network(channels: 1, classes: 5).layers.map(\.name)
    }
    #expect(try names(.fcLinear) == names(.fc).filter { $0 != "relu6" })
    #expect(try names(.fc).contains("relu6"))
    #expect(description(.fcLinear, depth: 1).problem != nil)
  }

  /// No width gives a number of parameters nearer to the fully connected head's.
  @Test(arguments: [1, 2, 3]) func theMLPHasTheParametersOfFullyConnectedLayers(depth: Int) throws {
    func count(_ kind: Kind, width: Int) throws -> Int {
      let network = try description(kind, width: width, depth: depth).network(channels: 1, classes: 5)
      return network.parameters.filter { $0.name.hasPrefix("head.") }.reduce(0) { $0 + $1.shape.reduce(1, *) }
    }
    let target = try count(.fc, width: 24)
    let network = try description(.gapMLP, depth: depth).network(channels: 1, classes: 5)
    let width = network.parameters.first { $0.name == "head.fc6.weight" }!.shape[1]
    func ofWidth(_ w: Int) -> Int { 33 * w + (depth - 1) * (w + 1) * w + (w + 1) * 5 }
    #expect(try count(.gapMLP, width: 24) == ofWidth(width))
    for other in [width - 1, width + 1] {
      #expect(abs(ofWidth(width) - target) <= abs(ofWidth(other) - target))
    }
  }

  @Test(arguments: [0, 1, 3]) func widthAndDepth(depth: Int) throws {
    let network = try description(.fc, width: 10, depth: depth).network(channels: 1, classes: 5)
    let linear = network.layers.compactMap { $0.layer as? LinearLayer }
    #expect(linear.map(\.outputs) == Array(repeating: 10, count: depth) + [5])
  }

  /// A head on a list takes the names, widths and grid of the top that it replaces.
  @Test func aHeadReplacesTheTopOfAList() throws {
    let layers: [LayerDescription] = [
      .convolution("features.conv", outputs: 6, kernel: 3), LayerDescription("head.flatten", FlattenLayer()),
      .linear("head.dense", outputs: 20), .relu("head.relu"), .linear("head.dense_1", outputs: 12),
      .linear("head.dense_2", outputs: nil),
    ]
    let size = Extent(height: 6, width: 5)
    let own = try NetworkDescription(layers: layers, size: size).network(channels: 1, classes: 3)
    let fc = NetworkDescription(layers: layers, size: size, head: .init(kind: .fcRandom))
    #expect(try fc.network(channels: 1, classes: 3).parameters.map(\.name) == own.parameters.map(\.name))
    #expect(try fc.network(channels: 1, classes: 3).parameters.map(\.shape) == own.parameters.map(\.shape))
    #expect(
      try fc.transfer(channels: 1, classes: 3, seed: 1).new == ["head.dense", "head.dense_1", "head.dense_2"])
    let gap = NetworkDescription(layers: layers, size: size, head: .init(kind: .gap))
    #expect(try gap.network(channels: 1, classes: 3).parameters.last?.name == "head.dense_2.bias")
    #expect(
      try NetworkDescription(layers: layers, size: size).transfer(channels: 1, classes: 3, seed: 1).new == [
        "head.dense_2"
      ])
  }

  /// The published VGG16 with its fifth pooling is the same as with ROIPool to 7 × 7, in convolutions too.
  @Test func vggInConvolutionsPoolsFirst() throws {
    let network = try NetworkDescription(preset: .vgg16, head: .init(kind: .fcConvolution)).network(
      channels: 3, classes: 1000)
    let shapes = try network.outputShapes(of: .maps(Extent(height: 224, width: 224), channels: 3))
    func shape(_ name: String) -> ActivationShape { shapes[network.layers.firstIndex { $0.name == name }!] }
    #expect(shape("block5_pool") == .maps(Extent(height: 7, width: 7), channels: 512))
    #expect(shape("fc1") == .maps(Extent(height: 1, width: 1), channels: 4096))
    #expect(shapes.last == .features(1000))
  }
}
