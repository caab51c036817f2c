import Autodiff
import Datasets
import Foundation
import Images
import Kernels
import Layers
import Networks
import Studies
import Support
import Tensors
import TestSupport
import Testing
import Training
import Weights

/// Every regime on every preset and head, on images and on feature maps: what changes is what the regime says.
@Suite(.serialized) struct RegimeTests {
  typealias Preset = NetworkDescription.Preset
  typealias Kind = NetworkDescription.Head.Kind

  /// Plain gradient descent.
  private struct Descent: GradientConsumer {
    mutating func consume(_ gradient: Gradient, into parameter: inout Tensor, at index: Int) {
      Elementwise.add(gradient.materialized(), times: -0.5, to: &parameter)
    }

    mutating func finish(_ parameters: inout Parameters) {}
  }

  private static func description(_ preset: Preset, _ kind: Kind) -> NetworkDescription {
    NetworkDescription(
      preset: preset, head: .init(kind: kind, width: 16, dropout: 0, rank: kind == .fcRank ? 3 : nil))
  }

  /// Names of the parameters that a regime changes: the classifier is told by its preset's name for it.
  private static func changing(_ regime: Regime, _ network: Network, _ preset: Preset) -> Set<String> {
    let classifier =
      switch preset {
      case .smallVGG: "head.classifier."
      case .vgg11, .vgg13, .vgg16, .vgg19: "head.predictions."
      case .lenet: "head.ip2."
      case .googlenet, .resnet18, .resnet34, .resnet50, .resnet101: "head.fc."
      case .alexnet, .caffenet: "head.fc8."
      case .squeezenet10, .squeezenet11: "head.conv10."
      case .mobilenetV1: "head.conv_preds."
      }
    return Set(
      network.parameters.map(\.name).filter { name in
        switch regime {
        case .probe: name.hasPrefix(classifier)
        case .head: name.hasPrefix("head.")
        case .full, .probeThenFull: true
        }
      })
  }

  /// One step of a regime; names of the parameters that it changed.
  private static func changed(
    _ regime: Regime, _ network: Network, _ parameters: Parameters, _ input: Tensor, _ extents: Extents, scale: Float
  ) -> Set<String> {
    let trained = network.trainedParameters(freezing: regime.frozen)
    let tape = Tape(parameters: parameters, mode: .training(seed: 1), isTrainable: trained.contains)
    let boxes = extents.maps.indices.map { Region(image: $0) }
    let logits = network.forward(
      FeatureMaps(tape.constant(input), extents, spatialScale: scale), regions: boxes, on: tape
    ).logits
    var descent = Descent()
    tape.backward(from: tape.softmaxCrossEntropy(logits, labels: [1, 2]), into: &descent)
    let after = tape.finish()
    return Set(parameters.names.filter { after[$0] != parameters[$0] })
  }

  @Test(arguments: Preset.allCases) func everyHeadOfAPreset(preset: Preset) throws {
    var stream = RandomStream(seed: 4)
    let extents = Extents(count: 2, height: 32, width: 32)
    let images = stream.normal([extents.positionCount, 3])
    let bare = try NetworkDescription(preset: preset).backbone.network(channels: 3, classes: 3)
    let backbone = bare.initialParameters(seed: 2)
    let tape = Tape(parameters: backbone, mode: .evaluation)
    guard case .maps(let maps) = bare.forward(FeatureMaps(tape.constant(images), extents), regions: [], on: tape).main
    else {
      Issue.record("a backbone ends in features")
      return
    }
    for kind in Kind.allCases where kind != .none {
      let description = Self.description(preset, kind)
      // A convolution as large as the source's grid wants one of a region, as the images are small.
      let regions = kind == .fcConvolution
      let whole = try description.network(channels: 3, classes: 3, regions: regions)
      let head = try description.onFeatures(imageChannels: 3)
        .network(channels: maps.channels, classes: 3, regions: regions)
      let parameters = whole.initialParameters(seed: 2, given: backbone)
      for regime in Regime.allCases {
        let expected = Self.changing(regime, whole, preset)
        #expect(
          Self.changed(regime, whole, parameters, images, extents, scale: 1) == expected, "\(kind) \(regime), images")
        #expect(
          Self.changed(
            regime, head, head.initialParameters(seed: 2), maps.variable.value, maps.extents, scale: maps.spatialScale)
            == expected.filter { $0.hasPrefix("head.") }, "\(kind) \(regime), feature maps")
      }
    }
  }

  /// The same through the whole of training, on a dataset of images and on its feature maps.
  @Test(arguments: [(Preset.lenet, Kind.fc), (.resnet18, .gap), (.smallVGG, .gapMLP), (.smallVGG, .fcConvolution)])
  func aRunOfEveryRegime(preset: Preset, kind: Kind) throws {
    let directory = try TemporaryDirectory()
    let data = directory.path("images.h5")
    try Self.writeImages(to: data)
    var configuration = Configuration(data: DataConfiguration(path: data, batch: 4))
    (configuration.threads, configuration.epochs) = (1, 1)
    configuration.network = Self.description(preset, kind)
    let maps = directory.path("maps.h5")
    try FeatureExtraction(configuration).run(writingTo: maps) { _ in }
    for path in [data, maps] {
      configuration.data.path = path
      for regime in Regime.allCases {
        configuration.freeze = regime.frozen
        let run = RunDirectory(directory.path("\(regime)-\(path == data)"))
        try run.create(for: configuration)
        try Trainer(configuration, run: run).train()
        let checkpoint = try Checkpoint(reading: run.last)
        let network = try TrainingState(json: checkpoint.state, path: run.last).network()
        let before = network.initialParameters(seed: configuration.seed)
        let after = checkpoint.parameters
        #expect(
          Set(after.names.filter { after[$0] != before[$0] }) == Self.changing(regime, network, preset),
          "\(regime) \(path)")
      }
    }
  }

  private static func writeImages(to path: String) throws {
    let header = DatasetHeader(name: "made", source: "none", license: "none", classNames: ["a", "b"], channels: 1)
    var writer = try DatasetWriter(path: path, header: header)
    var stream = RandomStream(seed: 5)
    for index in 0..<8 {
      let pixels = (0..<28 * 28).map { _ in UInt8(100 * (index % 2) + stream.integer(below: 100)) }
      try writer.append(
        Image(height: 28, width: 28, channels: 1, pixels: pixels), regions: [LabeledRegion(label: index % 2)])
    }
    try writer.finish(splits: [.train: [0, 1, 2, 3], .validation: [4, 5], .test: [6, 7]])
  }
}
