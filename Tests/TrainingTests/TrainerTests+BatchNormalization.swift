import Datasets
import Foundation
import Layers
import Networks
import Optimizers
import Support
import Tensors
import TestSupport
import Testing
import Training
import Weights

/// Batch normalization over one value per channel is refused, or an image left over joins others.
extension TrainerTests {
  /// 24 images of 8 × 8, which the convolution makes 1 × 1.
  private static func single(_ directory: borrowing TemporaryDirectory, batch: Int, accumulate: Int = 1) throws
    -> Configuration
  {
    var configuration = try Self.configuration(directory)
    configuration.network = NetworkDescription(
      layers: [
        .convolution("conv1", outputs: 4, kernel: 8), LayerDescription("bn1", BatchNormalizationLayer()),
        LayerDescription("relu1", ReLULayer()), LayerDescription("flat", FlattenLayer()), .linear("fc2", outputs: nil),
      ], size: Extent(height: 8, width: 8))
    configuration.data = DataConfiguration(
      path: configuration.data.path, sizes: [8], evaluationSize: 8, batch: batch)
    configuration.optimizer.accumulate = accumulate
    configuration.epochs = 2
    return configuration
  }

  private static func problem(_ configuration: Configuration, _ directory: borrowing TemporaryDirectory) throws
    -> String
  {
    let run = RunDirectory(directory.path("bad"))
    let error = #expect(throws: TrainingError.self) { try Trainer.start(configuration, in: run, holder: "a test") }
    #expect(!FileSystem.exists(run.path))
    return "\(try #require(error))"
  }

  @Test func oneValuePerChannelIsRefused() throws {
    let directory = try TemporaryDirectory()
    let one = try Self.single(directory, batch: 1)
    let text = try Self.problem(one, directory)
    #expect(text.contains("bn1 normalizes by the mean and variance of its batch, data.batch is 1"))
    #expect(text.contains("its input is 1 × 1 × 4"))
    #expect(
      try Self.problem(Self.single(directory, batch: 4, accumulate: 4), directory).contains(
        "optimizer.accumulate splits batches of 4 images into 4 parts of one"))

    // Inside of a block, and after a flattening.
    var inner = one
    inner.network = NetworkDescription(
      layers: [
        .convolution("conv1", outputs: 4, kernel: 8),
        LayerDescription(
          "block",
          ResidualLayer(layers: [
            .convolution("conv2", outputs: 4, kernel: 1), LayerDescription("bn2", BatchNormalizationLayer()),
          ])), LayerDescription("flat", FlattenLayer()), .linear("fc2", outputs: nil),
      ], size: Extent(height: 8, width: 8))
    #expect(try Self.problem(inner, directory).contains("network: block.bn2 normalizes"))
    inner.network = NetworkDescription(
      layers: [
        LayerDescription("flat", FlattenLayer()), .linear("fc1", outputs: 5),
        LayerDescription("bn3", BatchNormalizationLayer()), .linear("fc2", outputs: nil),
      ], size: Extent(height: 8, width: 8))
    let features = try Self.problem(inner, directory)
    #expect(features.contains("network: bn3 normalizes") && features.contains("its input is 5 features"))
  }

  /// Several values from one image, running statistics, and no batch normalization train as before.
  @Test func oneImageAtATimeIsFineWhereItHasSeveralValues() throws {
    let directory = try TemporaryDirectory()
    var larger = try Self.single(directory, batch: 1)
    (larger.data.sizes, larger.data.evaluationSize) = ([9], 9)
    larger.network = NetworkDescription(
      layers: [
        .convolution("conv1", outputs: 4, kernel: 8), LayerDescription("bn1", BatchNormalizationLayer()),
        LayerDescription("flat", FlattenLayer()), .linear("fc2", outputs: nil),
      ], size: Extent(height: 9, width: 9))
    var frozen = try Self.single(directory, batch: 1)
    frozen.freeze = ["bn1.*"]
    for (index, configuration) in [larger, frozen].enumerated() {
      let run = RunDirectory(directory.path("run\(index)"))
      #expect(try Trainer.start(configuration, in: run, holder: "a test")?.steps == 48)
    }
  }

  /// 24 images in batches of 23 leave one: it joins them, in as many steps as there are batches left; said once.
  @Test(arguments: [(23, 1, 1), (7, 3, 4), (13, 4, 2)]) func anImageLeftOverJoinsTheOthers(
    _ place: (batch: Int, accumulate: Int, stepsPerEpoch: Int)
  ) throws {
    let directory = try TemporaryDirectory()
    let configuration = try Self.single(directory, batch: place.batch, accumulate: place.accumulate)
    final class Warnings { var texts: [String] = [] }
    let warnings = Warnings()
    let run = try Self.run("run", directory, configuration)
    let trainer = try Trainer(configuration, run: run) {
      if case .warning(let text) = $0 { warnings.texts.append(text) }
    }
    let result = try #require(try trainer.train())
    #expect(result.steps == 2 * place.stepsPerEpoch)
    #expect(warnings.texts.count == 1 && warnings.texts[0].hasPrefix("bn1 needs two values per channel"))
    #expect(warnings.texts[0].contains(place.batch == 23 ? "24 images in batches of 23" : "parts of one image"))
    // A running variance of one value goes towards 0; here it is that of the batches.
    let variance = try #require(try Checkpoint(reading: run.last).parameters["bn1.variance"])
    #expect(variance.values.allSatisfy { $0 > 0 && $0.isFinite })
    // Stopped and resumed, it comes to the same bits, and warns no more.
    let parts = try Self.run("parts", directory, configuration)
    #expect(throws: Interruption.self) { try Trainer(configuration, run: parts).train { $0 == 1 } }
    try Trainer(resuming: parts) { if case .warning(let text) = $0 { warnings.texts.append(text) } }.train()
    #expect(try Self.bytes(parts) == Self.bytes(run) && warnings.texts.count == 1)
  }

  @Test func thePlanJoinsOnlyWhatItMust() throws {
    let directory = try TemporaryDirectory()
    let dataset = try Dataset(opening: Self.configuration(directory).data.path)
    let samples = dataset.samples(of: .train)
    func sizes(batch: Int, parts: Int, fewest: Int) throws -> [[Int]] {
      let data = DataConfiguration(path: dataset.path, batch: batch)
      let plan = BatchPlan(dataset, samples: samples, configuration: data, parts: parts, fewest: fewest, seed: 1)
      let steps = try (0..<plan.stepsPerEpoch).map { try plan.batches(ofStep: $0) }
      #expect(steps.joined().flatMap(\.samples).sorted() == samples)
      #expect((0..<plan.stepsPerEpoch).flatMap { plan.samples(ofStep: $0) } == steps.joined().flatMap(\.samples))
      return steps.map { $0.map(\.samples.count) }
    }
    #expect(try sizes(batch: 23, parts: 1, fewest: 1) == [[23], [1]])
    #expect(try sizes(batch: 23, parts: 1, fewest: 2) == [[24]])
    #expect(try sizes(batch: 22, parts: 1, fewest: 2) == [[22], [2]])
    #expect(try sizes(batch: 7, parts: 3, fewest: 1) == [[3, 3, 1], [3, 3, 1], [3, 3, 1], [1, 1, 1]])
    #expect(try sizes(batch: 7, parts: 3, fewest: 2) == [[3, 4], [3, 4], [3, 4], [3]])
    for batch in [5, 8, 10, 24, 30] {
      #expect(try sizes(batch: batch, parts: 2, fewest: 1) == sizes(batch: batch, parts: 2, fewest: 2), "\(batch)")
    }
  }
}
