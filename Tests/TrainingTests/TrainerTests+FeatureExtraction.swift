import Datasets
import Foundation
import Images
import Networks
import Optimizers
import Support
import Tensors
import TestSupport
import Testing
import Training

/// Feature maps in place of images.
extension TrainerTests {
  /// A run through a frozen backbone, and the same on its feature maps.
  static func frozen(_ directory: borrowing TemporaryDirectory, head: NetworkDescription.Head.Kind) throws
    -> Configuration
  {
    var configuration = try configuration(directory, head: head)
    configuration.data.sizes = [32]
    configuration.data.evaluationSize = 32
    configuration.freeze = ["features.*"]
    return configuration
  }

  static func onFeatures(_ configuration: Configuration, _ path: String) -> Configuration {
    var result = configuration
    result.data = DataConfiguration(path: path, batch: configuration.data.batch)
    result.freeze = []
    return result
  }

  /// Training on the cache gives the losses of training through the backbone.
  @Test(arguments: [NetworkDescription.Head.Kind.fc, .gap]) func theCacheGivesTheSameLosses(
    head: NetworkDescription.Head.Kind
  ) throws {
    let directory = try TemporaryDirectory()
    let through = try Self.frozen(directory, head: head)
    let path = directory.path("features.h5")
    try FeatureExtraction(through).run(writingTo: path) { _ in }
    #expect(!FileManager.default.fileExists(atPath: path + ".features"))
    let dataset = try Dataset(opening: path)
    #expect(dataset.header.features?.scale == 0.25)
    #expect(dataset.channels == 32)
    try dataset.verify()
    let images = try Dataset(opening: through.data.path)
    #expect((0..<dataset.imageCount).map { dataset.fileName(of: $0) } == (0..<72).map { images.fileName(of: $0) })
    #expect(dataset.fileName(of: 71) == "71.png")

    var losses: [[Double]] = []
    for (name, configuration) in [("through", through), ("cached", Self.onFeatures(through, path))] {
      let run = try Self.run(name, directory, configuration)
      final class Losses { var values: [Double] = [] }
      let seen = Losses()
      try Trainer(configuration, run: run) { if case .step(_, _, let loss, _, _) = $0 { seen.values.append(loss) } }
        .train()
      losses.append(seen.values)
    }
    #expect(losses[0].count == 20 && losses[0].count == losses[1].count)
    for (a, b) in zip(losses[0], losses[1]) { #expect(abs(a - b) < 1e-4) }

    // The head's run is evaluated on feature maps, and on nothing else.
    let evaluator = try RunEvaluator(RunDirectory(directory.path("cached")), weights: .best)
    let evaluation = try evaluator.evaluate(as: Classification.self, on: [path], split: .test)
    let whole = try RunEvaluator(RunDirectory(directory.path("through")), weights: .best)
    let same = try whole.evaluate(as: Classification.self, on: [through.data.path], split: .test)
    #expect(evaluation.domains[0].report.accuracy == same.domains[0].report.accuracy)
    #expect(throws: TrainingError.self) {
      try evaluator.evaluate(as: Classification.self, on: [through.data.path], split: .test)
    }
    #expect(throws: TrainingError.self) { try whole.evaluate(as: Classification.self, on: [path], split: .test) }
  }

  /// Stopped and restarted, also after a map was truncated, the extraction gives the same file.
  @Test func anInterruptedExtractionResumes() throws {
    let directory = try TemporaryDirectory()
    let configuration = try Self.frozen(directory, head: .fc)
    let (whole, parts) = (directory.path("whole.h5"), directory.path("parts.h5"))
    try FeatureExtraction(configuration).run(writingTo: whole) { _ in }
    final class Calls { var first: [Int] = [], stops = 0 }
    let calls = Calls()
    for stop in [2, 3] {
      calls.stops = 0
      #expect(throws: Interruption.self) {
        try FeatureExtraction(configuration).run(
          writingTo: parts,
          shouldStop: {
            calls.stops += 1
            return calls.stops > stop
          }, progress: { _ in })
      }
      #expect(!FileManager.default.fileExists(atPath: parts))
      let log = try FileHandle(forUpdating: URL(fileURLWithPath: parts + ".features"))
      try log.truncate(atOffset: log.seekToEnd() - 5)
    }
    try FeatureExtraction(configuration).run(writingTo: parts) { calls.first.append($0) }
    #expect(calls.first[0] > 0 && calls.first[0] < calls.first.last!)
    let (a, b) = (try Dataset(opening: whole), try Dataset(opening: parts, memoryLimit: 0))
    #expect(a.imageCount == b.imageCount)
    for index in 0..<a.imageCount {
      #expect(try a.featureMap(at: index).distance(to: b.featureMap(at: index)) < 1e-5)
    }
  }

  /// Maps of another backbone, or settings that feature maps cannot obey, are refused.
  @Test func featuresThatDoNotFitAreRefused() throws {
    let directory = try TemporaryDirectory()
    let through = try Self.frozen(directory, head: .fc)
    let path = directory.path("features.h5")
    try FeatureExtraction(through).run(writingTo: path) { _ in }
    let good = Self.onFeatures(through, path)
    func problem(_ change: (inout Configuration) -> Void) throws -> String {
      var configuration = good
      change(&configuration)
      let error = #expect(throws: (any Error).self) {
        try Trainer(configuration, run: RunDirectory(directory.path("bad")))
      }
      return "\(try #require(error))"
    }
    #expect(try problem { $0.network = NetworkDescription(preset: .lenet) }.contains("another backbone"))
    #expect(try problem { $0.data.sizes = [32] }.contains("data.sizes has no effect"))
    #expect(throws: TrainingError.self) { try FeatureExtraction(good) }
  }

  /// Boxes stay in pixels, and ROIPool finds them on the maps by their scale.
  @Test func boxesFollowTheSpatialScale() throws {
    let directory = try TemporaryDirectory()
    var configuration = try Self.frozen(directory, head: .fc)
    let boxed = directory.path("boxed.h5")
    let source = try Dataset(opening: configuration.data.path)
    var writer = try DatasetWriter(path: boxed, header: source.header)
    for index in 0..<source.imageCount {
      let image = try source.image(at: index)
      try writer.append(
        image, regions: [LabeledRegion(label: source.label(of: index), box: Box(x1: 3, y1: 4, x2: 25, y2: 22))])
    }
    try writer.finish(
      splits: [.train: source.samples(of: .train), .validation: source.samples(of: .validation)])
    configuration.data.path = boxed
    let path = directory.path("features.h5")
    try FeatureExtraction(configuration).run(writingTo: path) { _ in }
    var losses: [Double] = []
    for (name, configuration) in [("through", configuration), ("cached", Self.onFeatures(configuration, path))] {
      let run = try Self.run(name, directory, configuration)
      try Trainer(configuration, run: run).train()
      losses.append(try MetricsLog.records(in: run.metrics).last!.values["trainLoss"]!)
    }
    #expect(abs(losses[0] - losses[1]) < 1e-4)
  }
}
