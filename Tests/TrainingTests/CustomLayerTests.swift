import Autodiff
import Datasets
import Foundation
import Kernels
import Layers
import Networks
import Serialization
import Support
import Tensors
import TestSupport
import Testing
import Training
import Weights

/// A layer that the program does not have: y = x · factor, one factor per channel.
private struct ScaleLayer: Layer {
  static let kind = "scale"

  /// The initial factor.
  var factor: Float

  private enum CodingKeys: String, CodingKey { case factor }

  init(from decoder: any Decoder) throws {
    factor = try decoder.container(keyedBy: CodingKeys.self).number(.factor, in: 0..<10, or: 1)
  }

  var title: String { "scale by \(factor)" }
  var isSpatial: Bool { true }

  func outputShape(of input: ActivationShape, named name: String) throws(ShapeError) -> ActivationShape { input }

  func parameters(of input: ActivationShape) -> [ParameterSpecification] {
    [ParameterSpecification("factor", [input.channels], .constant(factor))]
  }

  func forward(_ input: Activation, _ context: ForwardContext) -> Activation {
    input.mapped { Self.scaled($0, by: context.parameter("factor"), on: context.tape) }
  }

  /// dx = dy · factor, dfactor = Σ x · dy.
  private static func scaled(_ x: Variable, by factor: ParameterReference, on tape: Tape) -> Variable {
    let factors = tape.value(of: factor).values
    func times(_ values: [Float]) -> Tensor {
      Tensor(values.enumerated().map { $1 * factors[$0 % factors.count] }, shape: x.value.shape)
    }
    return tape.record(times(x.value.values), inputs: [x], parameters: [factor]) { gradient, backward in
      backward.accumulate(times(gradient.values), to: x)
      var sums = [Float](repeating: 0, count: factors.count)
      for (index, (x, dy)) in zip(x.value.values, gradient.values).enumerated() { sums[index % sums.count] += x * dy }
      backward.accumulate(.whole(Tensor(sums)), to: factor)
    }
  }
}

/// A layer from outside of its module, from YAML through training, checkpoints, resumption and evaluation.
@Suite(.serialized) struct CustomLayerTests {
  private let layers = LayerRegistry.standard.adding(ScaleLayer.self)

  private static let text = """
    data: {path: PATH, sizes: [28], evaluationSize: 28, batch: 5}
    threads: 1
    epochs: 2
    freeze: [hidden, "features.conv.*"]
    network:
      size: 28
      layers:
        - {kind: convolution, name: features.conv, outputs: 4, kernel: 5, stride: 2, bias: false}
        - {kind: scale, name: features.scale, factor: 0.5}
        - kind: concatenation
          name: features.branches
          branches:
            - [{kind: scale, name: inner, factor: 2}]
            - []
        - {kind: relu, name: features.relu}
      outputs:
        - name: main
          layers:
            - {kind: flatten, name: head.flatten}
            - {kind: linear, name: head.hidden, outputs: 6}
            - {kind: linear, name: head.out}
        - name: other
          layers:
            - {kind: global-average-pooling, name: other.pool}
            - {kind: linear, name: other.scores, outputs: 2}
    """

  private func file(_ directory: borrowing TemporaryDirectory, _ text: String = text) throws -> String {
    let data = directory.path("stripes.h5")
    if !FileManager.default.fileExists(atPath: data) { try TrainerTests.writeDataset(to: data) }
    let path = directory.path("made-up.yaml")
    try Data(text.replacing("PATH", with: data).utf8).write(to: URL(filePath: path))
    return path
  }

  @Test func aMadeUpLayerTrains() throws {
    let directory = try TemporaryDirectory()
    let path = try file(directory)
    let configuration = try Configuration(path: path, layers: layers)
    func run(_ name: String) throws -> RunDirectory {
      let run = RunDirectory(directory.path(name), layers: layers)
      try run.create(for: configuration)
      return run
    }
    let whole = try run("whole")
    try Trainer(configuration, run: whole).train()
    let before = try NetworkDescription.built(configuration).initialParameters(seed: configuration.seed)
    let after = try Checkpoint(reading: whole.last).parameters
    let changed = Set(after.names.filter { after[$0] != before[$0] })
    // The other output has no loss in classification, so that nothing of it is trained.
    #expect(
      changed == [
        "features.scale.factor", "features.branches.inner.factor", "head.out.weight", "head.out.bias",
      ])

    let parts = try run("parts")
    #expect(throws: Interruption.self) { try Trainer(configuration, run: parts).train { $0 == 3 } }
    try Trainer(resuming: parts).train()
    #expect(try TrainerTests.bytes(parts) == TrainerTests.bytes(whole))
    #expect(try RunVerification(whole).isGood)
    let evaluator = try RunEvaluator(whole, weights: .best)
    _ = try evaluator.evaluate(on: [configuration.data.path], split: .test)

    // Nothing global knows the layer.
    #expect(throws: YAMLError.self) { try Configuration(path: path) }
    let unaware = RunDirectory(whole.path)
    #expect(throws: YAMLError.self) { try unaware.loadConfiguration() }
    #expect(throws: TrainingError.self) { try RunEvaluator(unaware, weights: .last) }
  }

  /// Its feature maps too say what made them.
  @Test func aMadeUpLayerIsPartOfABackbone() throws {
    let directory = try TemporaryDirectory()
    var configuration = try Configuration(path: try file(directory), layers: layers)
    (configuration.network.outputs, configuration.network.head) = ([], .init(kind: .gap))
    configuration.freeze = ["backbone"]
    let maps = directory.path("maps.h5")
    try FeatureExtraction(configuration).run(writingTo: maps) { _ in }
    configuration.data = DataConfiguration(path: maps, batch: 5)
    let run = RunDirectory(directory.path("run"), layers: layers)
    try run.create(for: configuration)
    try Trainer(configuration, run: run).train()
    #expect(try Checkpoint(reading: run.last).parameters.names == ["head.classifier.weight", "head.classifier.bias"])
    #expect(throws: TrainingError.self) { try Trainer(configuration, run: RunDirectory(directory.path("unaware"))) }
  }

  @Test func whatIsWrongIsNamed() throws {
    let directory = try TemporaryDirectory()
    func problem(_ old: String, _ new: String) throws -> String {
      let path = try file(directory, Self.text.replacing(old, with: new))
      do {
        let configuration = try Configuration(path: path, layers: layers)
        _ = try Trainer(configuration, run: RunDirectory(directory.path("bad"), layers: layers))
      } catch { return "\(error)" }
      return "none"
    }
    #expect(try problem("kind: scale, name: inner", "kind: scael, name: inner").contains("did you mean \"scale\"?"))
    let factor = try problem("factor: 0.5", "factor: 10")
    #expect(factor.contains("made-up.yaml:9: network.layers[1].factor: expected 0.0 or more and below 10.0"))
    #expect(try problem("factor: 0.5", "fator: 10").contains("fator: unknown key; did you mean \"factor\"?"))
    #expect(try problem("[hidden,", "[hiden,").contains("freeze[0]: expected one of backbone, hidden, classifier"))
    #expect(try problem("[hidden,", "[hiden,").contains("did you mean \"hidden\"?"))
    let nothing = try problem(#"[hidden, "features.conv.*"]"#, "[backbone, hidden, classifier]")
    #expect(nothing.contains("freeze: backbone, hidden, classifier leaves nothing to train"))
    #expect(try problem("name: other\n", "name: main\n").contains("expected different names of outputs"))
    #expect(try problem("name: main\n", "name: third\n").contains("third, other and none is named main"))
  }
}

extension NetworkDescription {
  fileprivate static func built(_ configuration: Configuration) throws -> Network {
    try configuration.network.network(channels: 1, classes: 3)
  }
}
