import Datasets
import Foundation
import Images
import Kernels
import Networks
import Optimizers
import Serialization
import Statistics
import Support
import Tensors
import TestSupport
import Testing
import Training

/// Detectors on a small synthetic dataset.
@Suite(.serialized) struct DetectionTests {
  /// Dark images with one or two bright squares or striped ones, and some without any; a crowd and a place to be ignored.
  ///
  /// - Parameter proposals: whether each image has its objects, moved a little, and other boxes as proposals.
  static func writeDataset(to path: String, proposals: Bool = false, objects: Bool = true) throws {
    let header = DatasetHeader(
      name: "shapes", source: "made for tests", license: "CC0", classNames: ["plain", "striped"], channels: 1)
    var writer = try DatasetWriter(path: path, header: header)
    var stream = RandomStream(seed: 5)
    var splits: [Split: [Int]] = [:]
    for index in 0..<60 {
      let (height, width) = (48 + 4 * (index % 3), 56)
      var pixels = (0..<height * width).map { _ in UInt8(stream.integer(below: 50)) }
      var regions: [LabeledRegion] = []
      for half in 0..<2 where objects && !index.isMultiple(of: 10) && (half == 0 || index.isMultiple(of: 2)) {
        let side = 12 + stream.integer(below: 9)
        let (left, top) = (28 * half + stream.integer(below: 28 - side), stream.integer(below: height - side))
        let label = stream.integer(below: 2)
        for y in top..<top + side {
          for x in left..<left + side where label == 0 || x % 4 < 2 {
            pixels[y * width + x] = UInt8(190 + stream.integer(below: 50))
          }
        }
        regions.append(
          LabeledRegion(
            label: label,
            box: Box(x1: Float(left), y1: Float(top), x2: Float(left + side - 1), y2: Float(top + side - 1)),
            mark: index == 2 ? .crowd : index == 4 ? .difficult : .object))
      }
      if index == 6 { regions.append(LabeledRegion(label: 0, box: .init(x1: 0, y1: 0, x2: 9, y2: 9), mark: .ignored)) }
      var list = Proposals()
      for region in regions where proposals {
        guard let box = region.box else { continue }
        list.boxes.append(Box(x1: box.x1 - 1, y1: box.y1, x2: box.x2 + 1, y2: box.y2 + 2))
        list.scores.append(1)
      }
      for place in 0..<(proposals ? 10 : 0) {
        let x = Float(4 * place)
        list.boxes.append(Box(x1: x, y1: Float(place), x2: x + 14, y2: Float(place) + 14))
        list.scores.append(0.5)
      }
      if regions.isEmpty { regions = [LabeledRegion(label: 0, mark: .background)] }
      let image = Image(height: height, width: width, channels: 1, pixels: pixels)
      let place = try writer.append(image, regions: regions, proposals: list, fileName: "\(index).png")
      splits[index < 36 ? .train : index < 48 ? .validation : .test, default: []].append(place)
    }
    try writer.finish(splits: splits)
  }

  static func configuration(
    _ directory: borrowing TemporaryDirectory, _ proposals: DetectionConfiguration.Source = .network,
    head: NetworkDescription.Head.Kind = .fc
  ) throws -> Configuration {
    let path = directory.path("shapes.h5")
    if !FileManager.default.fileExists(atPath: path) { try writeDataset(to: path, proposals: true) }
    var configuration = Configuration(data: DataConfiguration(path: path, batch: 4))
    configuration.threads = 2
    configuration.taskKind = .detection
    var detection = DetectionConfiguration()
    detection.proposals = proposals
    detection.regionsPerImage = 24
    (detection.anchors.scales, detection.anchors.ratios, detection.anchors.stride) = ([12, 18], [1], 4)
    (detection.network.width, detection.network.anchorsPerImage) = (32, 48)
    (detection.network.candidates, detection.network.proposals) = ([200, 200], [60, 40])
    configuration.detection = detection
    configuration.network.head = .init(kind: head, width: 48, dropout: 0.2)
    configuration.optimizer.learningRate = 0.01
    configuration.schedule.kind = .cosine
    configuration.epochs = 4
    return configuration
  }

  /// Every source of regions learns; proposals that hit the objects are found at once.
  @Test(arguments: DetectionConfiguration.Source.allCases) func learns(source: DetectionConfiguration.Source) throws {
    let directory = try TemporaryDirectory()
    var configuration = try Self.configuration(directory, source)
    configuration.epochs = 20
    let run = try TrainerTests.run("run", directory, configuration)
    let result = try #require(try Trainer(configuration, run: run).train())
    #expect(try #require(result.validation["mAP"]) >= 0.6, "\(result.validation)")
    let records = try MetricsLog.records(in: run.metrics)
    #expect(records.last!.values["trainLoss"]! < records.first!.values["trainLoss"]! / 2)
    let evaluation = try RunEvaluator(run, weights: .best).evaluate(as: Detection.self, split: .test)
    let report = evaluation.domains[0].report
    #expect(report.images == 12 && report.classes.map(\.name) == ["plain", "striped"])
    #expect(evaluation.domains[0].predictions.allSatisfy { $0.score >= 0.05 && $0.box.x2 < 56 })
    #expect(report.metrics["mAP"]! > 0.4, "\(report.text)")
  }

  /// All heads of the study take the place of the two hidden layers.
  @Test(arguments: NetworkDescription.Head.Kind.allCases.filter { $0 != .none })
  func everyHeadTrains(head: NetworkDescription.Head.Kind) throws {
    let directory = try TemporaryDirectory()
    var configuration = try Self.configuration(directory, .dataset, head: head)
    configuration.epochs = 1
    if head == .fcRank { configuration.network.head?.rank = 8 }
    if [.gap, .gapCut, .flatten, .dan].contains(head) { configuration.network.head = .init(kind: head) }
    configuration.detection?.boxes = .classAgnostic
    let run = try TrainerTests.run("run", directory, configuration)
    #expect(try Trainer(configuration, run: run).train()?.validation["mAP"] != nil)
  }

  /// A run that is stopped in the middle of an epoch and resumed is the same, bit for bit, on one thread and on two.
  @Test(arguments: [1, 2]) func resumingGivesTheSameBits(threads: Int) throws {
    let directory = try TemporaryDirectory()
    var configuration = try Self.configuration(directory)
    (configuration.epochs, configuration.threads) = (2, threads)
    let whole = try TrainerTests.run("whole", directory, configuration)
    #expect(try Trainer(configuration, run: whole).train() != nil)
    let parts = try TrainerTests.run("parts", directory, configuration)
    #expect(throws: Interruption.self) { try Trainer(configuration, run: parts).train { $0 == 5 } }
    #expect(try Trainer(resuming: parts).train() != nil)
    #expect(try TrainerTests.bytes(parts) == TrainerTests.bytes(whole))
    // The negative control: another seed samples other regions.
    configuration.seed += 1
    let other = try TrainerTests.run("other", directory, configuration)
    #expect(try Trainer(configuration, run: other).train() != nil)
    #expect(try TrainerTests.bytes(other)[0] != TrainerTests.bytes(whole)[0])
  }

  @Test func whatDoesNotFitIsNamed() throws {
    let directory = try TemporaryDirectory()
    func message(_ change: (inout Configuration) -> Void) throws -> String {
      var configuration = try Self.configuration(directory)
      change(&configuration)
      let run = try TrainerTests.run(UUID().uuidString, directory, configuration)
      return try #require(throws: TrainingError.self) { _ = try Trainer(configuration, run: run) }.description
    }
    #expect(try message { $0.data.trainPerClass = 3 }.hasPrefix("data.trainPerClass: it has no meaning for detection"))
    #expect(try message { $0.loss.labelSmoothing = 0.1 }.hasPrefix("loss.labelSmoothing"))
    #expect(try message { $0.taskKind = nil }.contains("are of no class"))
    let plain = directory.path("plain.h5")
    try Self.writeDataset(to: plain)
    #expect(
      try message {
        $0.data.path = plain
        $0.detection?.proposals = .dataset
      }.contains("has no proposals"))
  }

  @Test func settingsAreRead() throws {
    func decode(_ text: String) throws -> Configuration {
      try StrictDecoder(source: "test").decode(Configuration.self, from: text)
    }
    let plain = try decode("{data: {path: a.h5}, task: detection}")
    #expect(plain.detection == DetectionConfiguration())
    let settings = """
      {data: {path: a.h5}, task: detection, select: cocoAP,
       detection: {proposals: grid, backgroundOverlap: [0.1, 0.5], anchors: {scales: [32], stride: 8}, output: {score: 0.5}}}
      """
    let found = try decode(settings)
    #expect(found.detection?.proposals == .grid && found.detection?.anchors.scales == [32])
    #expect(found.metrics[0].name == "cocoAP")
    #expect(try decode(YAMLText.encode(found)) == found)
    for (text, part) in [
      ("{data: {path: a.h5}, detection: {}}", "it has no effect without task: detection"),
      ("{data: {path: a.h5}, task: detection, detection: {foregroundOverlap: 2}}", "above 0, up to 1"),
      ("{data: {path: a.h5}, task: detection, detection: {network: {proposals: [3]}}}", "two numbers of boxes"),
      ("{data: {path: a.h5}, task: detection, detection: {rpn: {}}}", "network"),
      ("{data: {path: a.h5}, task: detection, select: accuracy}", "expected a metric of the task, mAP"),
      ("{data: {path: a.h5}, select: mAP}", "expected a metric of the task, accuracy"),
    ] {
      let error = try #require(throws: (any Error).self) { _ = try decode(text) }
      #expect("\(error)".contains(part), "\(error)")
    }
  }
}
