import Datasets
import Foundation
import Kernels
import Networks
import Optimizers
import Serialization
import Support
import Tensors
import TestSupport
import Testing
import Training
import Weights

/// Heads and networks through the whole of training: source model, transfer, stop, resumption, evaluation.
@Suite(.serialized) struct TransferTests {
  private static func sourceRun(_ directory: borrowing TemporaryDirectory) throws -> (Configuration, RunDirectory) {
    var configuration = try TrainerTests.configuration(directory)
    configuration.epochs = 1
    let run = try TrainerTests.run("source", directory, configuration)
    try Trainer(configuration, run: run).train()
    return (configuration, run)
  }

  /// Every head starts from the `fc` source model, trains, resumes bit for bit and is evaluated from its directory.
  @Test(arguments: NetworkDescription.Head.Kind.allCases.filter { $0.source == .fc && $0 != .fc })
  func everyHeadTakesTheSourceModel(kind: NetworkDescription.Head.Kind) throws {
    let directory = try TemporaryDirectory()
    var (configuration, source) = try Self.sourceRun(directory)
    configuration.network.head = .init(kind: kind, width: 32, dropout: 0.2, rank: kind == .fcRank ? 4 : nil)
    configuration.weights = WeightsConfiguration(from: source.best)
    configuration.epochs = 2
    configuration.data.sizes = [32, 36]
    configuration.data.evaluationSize = 32
    let whole = try TrainerTests.run("whole", directory, configuration)
    var notes: [String] = []
    try Trainer(configuration, run: whole) { if case .adapted(let note) = $0 { notes.append(note) } }.train()
    #expect(notes.count == [.fcPermuted: 1, .fcRank: 2, .fcConvolution: 2][kind, default: 0])
    let parts = try TrainerTests.run("parts", directory, configuration)
    #expect(throws: Interruption.self) { try Trainer(configuration, run: parts).train { $0 == 7 } }
    try Trainer(resuming: parts).train()
    #expect(try TrainerTests.bytes(parts) == TrainerTests.bytes(whole))
    let evaluation = try RunEvaluator(whole, weights: .best).evaluate(
      as: Classification.self, on: [configuration.data.path], split: .test)
    #expect(evaluation.domains.first?.report.samples == 24)
  }

  /// The same network continues with all weights, surgery and classifier included, at a learning rate of 0.
  @Test func aContinuationTakesAllAsItIs() throws {
    let directory = try TemporaryDirectory()
    var (configuration, source) = try Self.sourceRun(directory)
    configuration.network.head = .init(kind: .fcRank, width: 32, rank: 4)
    configuration.weights = WeightsConfiguration(from: source.best)
    let cut = try TrainerTests.run("cut", directory, configuration)
    try Trainer(configuration, run: cut).train()
    configuration.weights = WeightsConfiguration(from: cut.best, use: .continuation)
    configuration.freeze = ["features.*", "head.fc*"]
    configuration.optimizer.learningRate = 1e-30
    let on = try TrainerTests.run("on", directory, configuration)
    try Trainer(configuration, run: on).train()
    let before = try WeightsFile(opening: cut.best)
    let after = try Checkpoint(reading: on.last).parameters
    for tensor in before.tensors where tensor.layer.hasPrefix("fc") || tensor.layer == "classifier" {
      #expect(try before.values(of: tensor).distance(to: after["head.\(tensor.name)"]!) < 1e-6, "\(tensor.name)")
    }
    // Taken for a source model, it has no fc6 to cut.
    configuration.weights = WeightsConfiguration(from: cut.best)
    let error = #expect(throws: FileError.self) {
      try Trainer(configuration, run: RunDirectory(directory.path("bad")))
    }
    #expect(try #require(error).message.contains("head.fc6.weight"))
  }

  @Test func aListOfLayersInYAML() throws {
    let directory = try TemporaryDirectory()
    let good = try TrainerTests.configuration(directory)
    let text = """
      data: {path: \(good.data.path), sizes: [28], evaluationSize: 28, batch: 5}
      threads: 1
      epochs: 1
      network:
        size: 28
        layers:
          - {kind: convolution, name: features.conv1, outputs: 4, kernel: 5, stride: 2, bias: false}
          - {kind: batch-normalization, name: features.norm1}
          - kind: residual
            name: features.block
            layers:
              - {kind: convolution, name: conv2, outputs: 4, kernel: [3, 3], padding: 1}
          - {kind: relu, name: features.relu}
          - {kind: average-pooling, name: features.pool}
          - {kind: flatten, name: head.flatten}
          - {kind: linear, name: head.out}
      """
    func decoded(_ text: String) throws -> Configuration {
      try StrictDecoder(source: "net.yaml").decode(Configuration.self, from: text)
    }
    let configuration = try decoded(text)
    #expect(try decoded(YAMLText.encode(configuration)) == configuration)
    let run = try TrainerTests.run("list", directory, configuration)
    try Trainer(configuration, run: run).train()
    let parameters = try Checkpoint(reading: run.last).parameters
    #expect(parameters["head.out.weight"]?.shape == [6 * 6 * 4, 3])
    #expect(parameters["features.block.conv2.bias"]?.shape == [4])
    #expect(
      try RunEvaluator(run, weights: .last).evaluate(as: Classification.self, on: [good.data.path], split: .test)
        .domains.count == 1)
    func message(_ text: String) -> String {
      do { _ = try decoded(text) } catch { return "\(error)" }
      return "none"
    }
    let misspelt = text.replacing("stride: 2", with: "strid: 2")
    #expect(message(misspelt).contains("network.layers[0].strid: unknown key; did you mean \"stride\"?"))
    #expect(message(text.replacing("kind: relu", with: "kind: rleu")).contains("did you mean \"relu\"?"))
    #expect(message(text.replacing("stride: 2", with: "stride: 0")).contains("net.yaml:7"))
    let both = text.replacing("  size: 28\n", with: "  preset: vgg16\n")
    #expect(message(both).contains("preset is given too"))
    for sizes in ["[28]", "[]"] {
      let wrong = text.replacing("[28]", with: sizes).replacing("  size: 28\n", with: "  size: 40\n")
      let error = #expect(throws: (any Error).self) {
        try Trainer(try decoded(wrong), run: RunDirectory(directory.path("bad")))
      }
      #expect("\(try #require(error))".contains("head.out"))
    }
  }

  /// A Keras file's model is written out in the run, so that the run does not need the file any more.
  @Test func theModelOfAKerasFile() throws {
    let directory = try TemporaryDirectory()
    let json = """
      {"class_name": "Sequential", "config": {"name": "m", "layers": [
        {"class_name": "Conv2D", "config": {"name": "conv", "batch_input_shape": [null, 28, 28, 1], "filters": 6,
          "kernel_size": [3, 3], "strides": [2, 2], "padding": "valid", "activation": "relu"}},
        {"class_name": "Flatten", "config": {"name": "flat"}},
        {"class_name": "Dense", "config": {"name": "dense", "units": 8, "activation": "relu"}},
        {"class_name": "Dense", "config": {"name": "dense_1", "units": 5, "activation": "softmax"}}]}}
      """
    let path = directory.path("model.h5")
    let model = try KerasModel(json: json, path: path)
    let source = try NetworkDescription(layers: model.layers, size: model.size).network(channels: 1, classes: 5)
    let weights = source.initialParameters(seed: 77)
    try WeightsFile.write(weights, to: path, notes: ["model_config": json])
    var configuration = try TrainerTests.configuration(directory)
    configuration.data.sizes = [28]
    configuration.data.evaluationSize = 28
    configuration.epochs = 1
    configuration.freeze = ["features.*"]
    configuration.weights = WeightsConfiguration(from: path)
    for head in [nil, NetworkDescription.Head.Kind.fc, .fcRandom, .gapCut] {
      configuration.network = NetworkDescription(keras: path, head: head.map { .init(kind: $0, dropout: 0) })
      configuration.freeze = ["features.*"] + (head == .gapCut ? [] : ["head.dense.*"])
      let run = try TrainerTests.run("keras-\(head?.rawValue ?? "own")", directory, configuration)
      try Trainer(configuration, run: run).train()
      let after = try Checkpoint(reading: run.last).parameters
      #expect(after["features.conv.weight"] == weights["features.conv.weight"])
      #expect(after["head.dense_1.weight"]?.shape == (head == .gapCut ? [6, 3] : [8, 3]))
      if head != .gapCut {
        #expect((after["head.dense.weight"] == weights["head.dense.weight"]) == (head != .fcRandom))
      }
    }
    let run = RunDirectory(directory.path("keras-own"))
    try FileManager.default.removeItem(atPath: path)
    let reports = try RunEvaluator(run, weights: .best).evaluate(
      as: Classification.self, on: [configuration.data.path], split: .test)
    #expect(reports.domains.count == 1)
  }
}
