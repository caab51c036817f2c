import Datasets
import Foundation
import Images
import Kernels
import Networks
import Optimizers
import Support
import Tensors
import TestSupport
import Testing
import Training
import Weights

/// Class weights, label smoothing, mixup, balanced sampling, and the metric that selects.
extension TrainerTests {
  /// Training images of three classes of stripes in these numbers, 6 validation images each, of one size.
  private static func writeImbalanced(to path: String, _ counts: [Int] = [12, 4, 2], validation: [Int] = [6, 6, 6])
    throws
  {
    let header = DatasetHeader(
      name: "stripes", source: "made for tests", license: "CC0", classNames: ["upright", "level", "slanted"],
      channels: 1)
    var writer = try DatasetWriter(path: path, header: header)
    var stream = RandomStream(seed: 5)
    var splits: [Split: [Int]] = [:]
    for (split, counts) in [(Split.train, counts), (.validation, validation), (.test, [2, 2, 2])] {
      for (label, count) in counts.enumerated() {
        for _ in 0..<count {
          var pixels = (0..<28 * 28).map { _ in UInt8(stream.integer(below: 60)) }
          for y in 4..<24 {
            for x in 4..<24 where [x, y, x + y][label] % 4 < 2 {
              pixels[y * 28 + x] = UInt8(180 + stream.integer(below: 60))
            }
          }
          splits[split, default: []].append(
            try writer.append(
              Image(height: 28, width: 28, channels: 1, pixels: pixels), regions: [LabeledRegion(label: label)]))
        }
      }
    }
    try writer.finish(splits: splits)
  }

  private static func imbalanced(_ directory: borrowing TemporaryDirectory) throws -> Configuration {
    let path = directory.path("imbalanced.h5")
    if !FileManager.default.fileExists(atPath: path) { try writeImbalanced(to: path) }
    var configuration = try Self.configuration(directory)
    configuration.data = DataConfiguration(path: path, batch: 5)
    configuration.network.head?.dropout = 0
    configuration.epochs = 3
    return configuration
  }

  private static let changes: [@Sendable (inout Configuration) -> Void] = [
    { $0.loss.classWeights = .balanced },
    {
      $0.loss = LossConfiguration(
        classWeights: .byName(["upright": 1, "level": 2.5, "slanted": 7]), labelSmoothing: 0.1)
    },
    { $0.data.augment = Augmentation(flip: true, mixup: 0.4) },
    { $0.data.sampling = .balanced },
    {
      ($0.data.sampling, $0.loss.labelSmoothing) = (.balanced, 0.05)
      $0.data.augment = Augmentation(crop: RandomCrop(padding: 2), mixup: 1)
    },
  ]

  /// A stop and a resume give the same bits, and the steps repeat; each change is a change of the weights.
  @Test(arguments: 0..<5) func imbalanceResumesToTheSameBits(index: Int) throws {
    let directory = try TemporaryDirectory()
    var configuration = try Self.imbalanced(directory)
    let plain = try Self.run("plain", directory, configuration)
    try Trainer(configuration, run: plain).train()
    Self.changes[index](&configuration)
    let whole = try Self.run("whole", directory, configuration)
    try Trainer(configuration, run: whole).train()
    let parts = try Self.run("parts", directory, configuration)
    #expect(throws: Interruption.self) { try Trainer(configuration, run: parts).train { $0 == 6 } }
    try Trainer(resuming: parts).train()
    #expect(try Self.bytes(whole) == Self.bytes(parts))
    #expect(try Replay.prove(whole).to == 12)
    #expect(try Checkpoint(reading: whole.last).parameters != Checkpoint(reading: plain.last).parameters)
  }

  /// A batch in parts makes the steps of the whole batch: parts count by the weight of their classes, and partners come from
  /// the whole batch.
  @Test(arguments: 0..<5) func imbalanceAccumulatesExactly(index: Int) throws {
    let directory = try TemporaryDirectory()
    var configuration = try Self.imbalanced(directory)
    Self.changes[index](&configuration)
    configuration.freeze = ["features.*"]
    var weights: [Parameters] = []
    var losses: [Double] = []
    for parts in [1, 2, 5] {
      configuration.optimizer.accumulate = parts
      let run = try Self.run("parts\(parts)", directory, configuration)
      try Trainer(configuration, run: run).train()
      weights.append(try Checkpoint(reading: run.last).parameters)
      losses.append(try #require(try MetricsLog.records(in: run.metrics).last?.values["trainLoss"]))
    }
    for other in weights.dropFirst() {
      for (name, tensor) in other { #expect(tensor.distance(to: weights[0][name]!) < 1e-5, "\(name)") }
    }
    #expect(losses.allSatisfy { abs($0 - losses[0]) < 1e-5 })
  }

  /// Equal numbers of images of each class in each epoch, none of which waits for another to come twice more.
  @Test func balancedSamplingDrawsClassesAlike() throws {
    let directory = try TemporaryDirectory()
    var configuration = try Self.imbalanced(directory)
    configuration.data.sampling = .balanced
    configuration.data.augment = Augmentation(crop: RandomCrop(padding: 4))
    let dataset = try Dataset(opening: configuration.data.path)
    let samples = dataset.samples(of: .train)
    func plan(_ seed: UInt64) -> BatchPlan {
      BatchPlan(dataset, samples: samples, configuration: configuration.data, parts: 1, seed: seed)
    }
    let steps = plan(1).stepsPerEpoch
    #expect(steps == 4)
    var epochs: [[Int]] = []
    for epoch in 0..<20 {
      let drawn = (0..<steps).flatMap { plan(1).samples(ofStep: epoch * steps + $0) }
      epochs.append(drawn)
      let counts = Dictionary(grouping: drawn, by: dataset.label(of:)).mapValues(\.count)
      #expect(counts == [0: 6, 1: 6, 2: 6])
      for label in 0..<3 {
        let times = samples.filter { dataset.label(of: $0) == label }.map { sample in drawn.count { $0 == sample } }
        #expect(times.max()! - times.min()! <= 1, "class \(label)")
      }
    }
    #expect(Set(epochs).count == 20)
    #expect(Set(epochs.joined()) == Set(samples))
    #expect((0..<steps).flatMap { plan(2).samples(ofStep: $0) } != epochs[0])
    // An image that comes twice in an epoch is changed anew.
    let batches = try (0..<steps).flatMap { try plan(1).batches(ofStep: $0) }
    var seen: [Int: [[Float]]] = [:]
    for batch in batches {
      #expect(
        batch.samples.count == batch.extents.count && batch.regions.map(\.image) == Array(0..<batch.samples.count))
      for (place, sample) in batch.samples.enumerated() {
        let range = batch.extents.range(place)
        seen[sample, default: []].append(Array(batch.pixels.values[range]))
      }
    }
    let repeated = seen.values.filter { $0.count > 1 }
    #expect(!repeated.isEmpty && repeated.contains { Set($0).count > 1 })
  }

  /// x·λ + partner·(1 − λ), with λ and partners of the step alone.
  @Test func mixupMixesWithinTheBatch() throws {
    let directory = try TemporaryDirectory()
    var configuration = try Self.imbalanced(directory)
    let dataset = try Dataset(opening: configuration.data.path)
    func batches(_ step: Int, parts: Int) throws -> [Batch] {
      try BatchPlan(
        dataset, samples: dataset.samples(of: .train), configuration: configuration.data, parts: parts, seed: 1
      ).batches(ofStep: step)
    }
    let plain = try (0..<4).map { try batches($0, parts: 1)[0] }
    configuration.data.augment = Augmentation(mixup: 1)
    var shares: Set<Float> = []
    for step in 0..<4 {
      let mixed = try batches(step, parts: 1)[0]
      let mixing = try #require(mixed.mixing)
      shares.insert(mixing.share)
      #expect(mixing.share >= 0 && mixing.share <= 1 && mixed.samples == plain[step].samples)
      #expect(mixing.partners.sorted() == mixed.samples.sorted())
      #expect(mixing.labels == mixing.partners.map(dataset.label(of:)))
      let (own, other, size) = (plain[step].pixels.values, mixed.pixels.values, 28 * 28)
      for (place, partner) in mixing.partners.enumerated() {
        let from = try #require(mixed.samples.firstIndex(of: partner))
        for index in [0, 100, 783] {
          let expected =
            mixing.share * own[place * size + index] + (1 - mixing.share) * own[from * size + index]
          #expect(other[place * size + index] == expected)
        }
      }
      let parts = try batches(step, parts: 2)
      #expect(parts.flatMap(\.pixels.values) == other && parts.flatMap(\.samples) == mixed.samples)
      #expect(parts.flatMap { $0.mixing?.partners ?? [] } == mixing.partners)
      #expect(
        parts.allSatisfy { $0.mixing?.share == mixing.share && $0.regions.map(\.image) == Array(0..<$0.samples.count) })
    }
    #expect(shares.count == 4)
  }

  /// The epoch that the chosen metric prefers is the best, and validation ends early by it.
  @Test(arguments: SelectionMetric.allCases.filter { !$0.judgesDetection }) func theChosenMetricSelects(
    metric: SelectionMetric
  ) throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("imbalanced.h5")
    try Self.writeImbalanced(to: path, [12, 4, 2], validation: [9, 4, 3])
    var configuration = try Self.imbalanced(directory)
    (configuration.epochs, configuration.select, configuration.patience) = (14, metric, 9)
    configuration.schedule = Schedule()
    let run = try Self.run("run", directory, configuration)
    let result = try #require(try Trainer(configuration, run: run).train())
    let records = try MetricsLog.records(in: run.metrics)
    let values = records.compactMap { $0.values[configuration.metrics[0].validationKey] }
    #expect(values.count == result.epochs)
    #expect(values[result.bestEpoch - 1] == (metric == .loss ? values.min() : values.max()))
    #expect(result.validation[metric.rawValue] == values[result.bestEpoch - 1])
    #expect(Set(result.validation.keys) == ["accuracy", "balancedAccuracy", "loss", "macroF1"])
    #expect(result.epochs == 14 || result.epochs == result.bestEpoch + 9)
    let evaluation = try RunEvaluator(run, weights: .best).evaluate(
      as: Classification.self, on: [path], split: .validation)
    #expect(evaluation.domains[0].report.metrics == result.validation)
  }

  @Test func whatDoesNotFitTheDataIsRefused() throws {
    let directory = try TemporaryDirectory()
    let good = try Self.imbalanced(directory)
    func problem(_ change: (inout Configuration) -> Void) throws -> String {
      var configuration = good
      change(&configuration)
      let error = #expect(throws: TrainingError.self) {
        try Trainer(configuration, run: RunDirectory(directory.path("bad")))
      }
      return "\(try #require(error))"
    }
    #expect(
      try problem { $0.loss.classWeights = .byName(["upright": 1, "level": 1]) }
        == "loss.classWeights: has no weight for slanted; expected a weight for each of upright, level, slanted")
    #expect(
      try problem { $0.loss.classWeights = .byName(["upright": 1, "level": 1, "slanted": 1, "round": 1]) }
        .contains("round is no class of the dataset"))
    #expect(
      try problem {
        $0.data.augment = Augmentation(mixup: 0.2)
        $0.data.sizes = [28, 32]
      }.contains("its training images have several sizes"))
    #expect(
      try problem { $0.data.augment = Augmentation(scale: [0.8, 1.2], mixup: 0.2) }.contains("several sizes"))
    // Images of 28 and of 30 pixels.
    let stripes = try Self.configuration(directory).data.path
    #expect(
      try problem {
        $0.data = DataConfiguration(path: stripes, batch: 5)
        $0.data.augment = Augmentation(mixup: 0.2)
      }.contains("several sizes"))
    var cropped = good
    cropped.data = DataConfiguration(path: stripes, batch: 5)
    (cropped.data.augment, cropped.data.resize) = (Augmentation(mixup: 0.2), ImageResizing(crop: 28))
    cropped.epochs = 1
    #expect(try Trainer(cropped, run: Self.run("cropped", directory, cropped)).train() != nil)
  }

  /// Classes without images, and frozen parameters that nothing gives, are said once.
  @Test func whatAUserShouldKnowIsSaid() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("imbalanced.h5")
    try Self.writeImbalanced(to: path, [12, 4, 0], validation: [6, 0, 0])
    var configuration = try Self.imbalanced(directory)
    configuration.epochs = 1
    func warnings(_ name: String) throws -> [String] {
      final class Warnings { var texts: [String] = [] }
      let found = Warnings()
      let run = try Self.run(name, directory, configuration)
      try Trainer(configuration, run: run) { if case .warning(let text) = $0 { found.texts.append(text) } }.train()
      return found.texts
    }
    let classes = try warnings("classes")
    #expect(classes.count == 2)
    #expect(
      classes[0] == "\(path): 1 of 3 classes have no training image, and the network will not learn them: slanted")
    #expect(
      classes[1] == "\(path): 2 of 3 classes have no validation image, and selection does not see them: level, slanted")

    configuration.data.path = try Self.configuration(directory).data.path
    #expect(try warnings("none").isEmpty)
    configuration.freeze = ["backbone"]
    let frozen = try warnings("frozen")
    #expect(frozen.count == 1 && frozen[0].hasPrefix("freeze: "))
    #expect(frozen[0].contains("as there are no weights (weights.from): features.conv1_1.weight"))
    configuration.weights = WeightsConfiguration(from: directory.path("none/best.h5"))
    #expect(try warnings("loaded").isEmpty)
  }
}
