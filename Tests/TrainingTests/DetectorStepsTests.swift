import Autodiff
import Datasets
import Foundation
import Images
import Layers
import Networks
import Optimizers
import Tensors
import TestSupport
import Testing
import Training

/// Fifty steps of Fast R-CNN and of Faster R-CNN against torch; see Fixtures/make_detector_steps.py.
@Suite struct DetectorStepsTests {
  private let fixture: Fixture

  init() throws {
    let url = try #require(Bundle.module.resourceURL)
    fixture = Fixture(url.appendingPathComponent("Fixtures/detector-steps.h5").path)
  }

  private func writeDataset(to path: String) throws {
    let pixels = try fixture.tensor("images").values.map { UInt8($0) }
    let (objects, proposals) = (try fixture.integers("objects"), try fixture.integers("proposals"))
    func box(_ numbers: ArraySlice<Int>) -> Box {
      let edges = numbers.map { Float($0) }
      return Box(x1: edges[0], y1: edges[1], x2: edges[2], y2: edges[3])
    }
    let header = DatasetHeader(
      name: "steps", source: "made for tests", license: "CC0", classNames: ["plain", "striped"], channels: 1)
    var writer = try DatasetWriter(path: path, header: header)
    for (image, rows) in [0..<40, 40..<88].enumerated() {
      let regions = stride(from: 0, to: objects.count, by: 6).filter { objects[$0] == image }.map {
        LabeledRegion(label: objects[$0 + 1], box: box(objects[$0 + 2..<$0 + 6]))
      }
      let boxes = stride(from: 0, to: proposals.count, by: 5).filter { proposals[$0] == image }.map {
        box(proposals[$0 + 1..<$0 + 5])
      }
      try writer.append(
        Image(
          height: rows.count, width: 48, channels: 1,
          pixels: Array(pixels[rows.lowerBound * 48..<rows.upperBound * 48])), regions: regions,
        proposals: Proposals(boxes: boxes, scores: boxes.map { _ in 1 }))
    }
    try writer.finish(splits: [.train: [0, 1]])
  }

  /// The losses of fifty steps.
  private func losses(
    _ source: DetectionConfiguration.Source, changing change: (inout DetectionConfiguration) -> Void = { _ in }
  ) throws -> [Double] {
    let directory = try TemporaryDirectory()
    let path = directory.path("steps.h5")
    try writeDataset(to: path)
    let dataset = try Dataset(opening: path)
    var configuration = Configuration(data: DataConfiguration(path: path, batch: 2))
    configuration.data.inputNormalization = .unit
    configuration.network = NetworkDescription(
      layers: [
        .convolution("features.a", outputs: 8, kernel: 3, padding: 1), .relu("features.ra"), .halving("features.pa"),
        .convolution("features.b", outputs: 12, kernel: 3, padding: 1), .relu("features.rb"), .halving("features.pb"),
      ], head: .init(kind: .fc, width: 24, dropout: 0))
    configuration.taskKind = .detection
    (configuration.optimizer.learningRate, configuration.optimizer.weightDecay) = (0.01, 5e-4)
    // All regions and anchors are sampled.
    var settings = DetectionConfiguration()
    (settings.proposals, settings.regionsPerImage, settings.foregroundFraction) = (source, 1000, 1)
    (settings.anchors.scales, settings.anchors.ratios) = ([12, 18], [1])
    (settings.network.width, settings.network.anchorsPerImage, settings.network.foregroundFraction) = (16, 10_000, 1)
    settings.network.proposals = [20, 20]
    change(&settings)
    configuration.detection = settings
    let task = Detection(configuration, classNames: dataset.classNames)
    let network = try Detection.described(configuration.network, by: configuration, classes: 2)
      .network(channels: 1, classes: task.outputs, regions: true)
    var parameters = Parameters()
    for specification in network.parameters {
      let tensor = try fixture.tensor("weights/\(specification.name)")
      try #require(tensor.shape == specification.shape, "\(specification.name) \(specification.shape)")
      parameters[specification.name] = tensor
    }
    let batch = try TaskBatch(
      Batch(dataset.samples(of: .train), of: dataset, as: configuration.data), for: task, in: dataset)
    var optimizer = Optimizer(configuration.optimizer, names: parameters.names)
    return (0..<50).map { step in
      let tape = Tape(parameters: parameters, mode: .training(seed: UInt64(step)))
      let loss = task.loss(of: batch, through: network, on: tape)
      optimizer.begin(share: 1, isLast: true)
      tape.backward(from: loss.mean, into: &optimizer)
      parameters = tape.finish()
      return Double(loss.mean.value.scalar)
    }
  }

  private func distance(_ found: [Double], _ expected: Tensor) -> Double {
    zip(found, expected.values).map { abs($0 - Double($1)) }.max() ?? .infinity
  }

  @Test(arguments: [DetectionConfiguration.Source.dataset, .network])
  func lossesAgreeWithTorch(source: DetectionConfiguration.Source) throws {
    let expected = try fixture.tensor(source == .dataset ? "given" : "network")
    let found = try losses(source)
    #expect(found.count == 50 && expected.count == 50)
    #expect(distance(found, expected) < 1e-4, "\(found) \(expected.values)")
    #expect(found[49] < found[0] / 2)
  }

  /// The negative controls: another β, another threshold of the proposal network.
  @Test func otherSettingsHaveOtherLosses() throws {
    let given = try losses(.dataset) { $0.beta = 0.5 }
    #expect(distance(given, try fixture.tensor("given")) > 1e-3)
    let network = try losses(.network) { $0.network.overlap = 0.5 }
    #expect(distance(network, try fixture.tensor("network")) > 1e-3)
  }
}
