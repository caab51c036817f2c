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

/// The training loop on a small synthetic dataset.
@Suite(.serialized) struct TrainerTests {
  /// Three classes of texture, which position does not tell apart; images of two sizes.
  ///
  /// - Parameter inverted: a split whose images are inverted.
  static func writeDataset(
    to path: String, perClass: Int = 8, validation: Bool = true, inverting inverted: Split? = nil
  ) throws {
    let header = DatasetHeader(
      name: "stripes", source: "made for tests", license: "CC0", classNames: ["upright", "level", "slanted"],
      channels: 1)
    var writer = try DatasetWriter(path: path, header: header)
    var stream = RandomStream(seed: 77)
    var splits: [Split: [Int]] = [:]
    for index in 0..<3 * 3 * perClass {
      let label = index % 3
      let side = index % 2 == 0 ? 28 : 30
      var pixels = (0..<side * side).map { _ in UInt8(stream.integer(below: 60)) }
      for y in 4..<24 {
        for x in 4..<24 where [x, y, x + y][label] % 4 < 2 {
          pixels[y * side + x] = UInt8(180 + stream.integer(below: 60))
        }
      }
      let split: Split =
        index < 3 * perClass ? .train : index < 6 * perClass ? (validation ? .validation : .test) : .test
      if split == inverted { pixels = pixels.map { 255 - $0 } }
      let image = Image(height: side, width: side, channels: 1, pixels: pixels)
      let position = try writer.append(image, regions: [LabeledRegion(label: label)], fileName: "\(index).png")
      splits[split, default: []].append(position)
    }
    try writer.finish(splits: splits)
  }

  static func configuration(_ directory: borrowing TemporaryDirectory, head: NetworkDescription.Head.Kind = .fc) throws
    -> Configuration
  {
    let path = directory.path("stripes.h5")
    if !FileManager.default.fileExists(atPath: path) { try writeDataset(to: path) }
    var configuration = Configuration(data: DataConfiguration(path: path, sizes: [28, 32, 36], batch: 5))
    configuration.threads = 1
    configuration.network.head = .init(kind: head, width: 32, dropout: 0.2)
    configuration.optimizer.learningRate = 0.02
    configuration.optimizer.weightDecay = 1e-3
    configuration.schedule.kind = .cosine
    configuration.epochs = 4
    return configuration
  }

  /// Weights, momentum, state and metrics of a run, as bytes.
  static func bytes(_ run: RunDirectory) throws -> [Data] {
    try [run.last, run.best, run.metrics, run.result].map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
  }

  static func run(_ name: String, _ directory: borrowing TemporaryDirectory, _ configuration: Configuration) throws
    -> RunDirectory
  {
    let run = RunDirectory(directory.path(name))
    try run.create(for: configuration)
    return run
  }

  @Test(arguments: [NetworkDescription.Head.Kind.fc, .gap]) func learns(head: NetworkDescription.Head.Kind) throws {
    let directory = try TemporaryDirectory()
    var configuration = try Self.configuration(directory, head: head)
    configuration.epochs = 12
    let run = try Self.run("run", directory, configuration)
    let result = try #require(try Trainer(configuration, run: run).train())
    #expect(try #require(result.validation["accuracy"]) >= 0.95)
    #expect(try run.loadResult() == result)
    let records = try MetricsLog.records(in: run.metrics)
    #expect(records.count == 12)
    #expect(records.last!.values["trainLoss"]! < records.first!.values["trainLoss"]! / 2)
  }

  /// Single steps' losses come out in order, and their mean, by images, is that of the epoch.
  @Test func stepsAreLogged() throws {
    let directory = try TemporaryDirectory()
    var configuration = try Self.configuration(directory)
    (configuration.epochs, configuration.logEverySteps) = (2, 1)
    let run = try Self.run("run", directory, configuration)
    let result = try #require(try Trainer(configuration, run: run).train())
    let records = try MetricsLog.records(in: run.metrics)
    let perEpoch = result.steps / 2
    var steps: [Int] = []
    for epoch in 0..<2 { steps += (1...perEpoch).map { epoch * perEpoch + $0 } + [(epoch + 1) * perEpoch] }
    #expect(records.map(\.step) == steps)
    for (epoch, end) in records.filter({ $0.values["epoch"] != nil }).enumerated() {
      let losses = records.filter { ($0.step - 1) / perEpoch == epoch }.compactMap { $0.values["loss"] }
      let sum = losses.dropLast().reduce(0) { $0 + 5 * $1 } + 4 * (losses.last ?? 0)
      let mean = sum / 24
      #expect(losses.count == perEpoch && abs(mean - end.values["trainLoss"]!) < 1e-9)
    }
    configuration.logEverySteps = perEpoch + 1
    let few = try Self.run("few", directory, configuration)
    try Trainer(configuration, run: few).train()
    #expect(
      try MetricsLog.records(in: few.metrics).compactMap { $0.values["loss"] == nil ? nil : $0.step } == [perEpoch + 1])
    try TextFile.write(TextFile.read(run.metrics).replacing("\"epoch\":1.0,", with: ""), to: run.metrics)
    #expect(throws: FileError.self) { try MetricsLog.records(in: run.metrics) }
  }

  /// The optimizer of the tests, by the other rule.
  static let adamw: OptimizerConfiguration = {
    var configuration = OptimizerConfiguration(.adamw(AdamW.Configuration()))
    configuration.groups = [OptimizerGroup(match: "*.bias", learningRateMultiplier: 2, weightDecayMultiplier: 0)]
    return configuration
  }()

  /// 2N steps are N steps, a stop, and N steps, bit for bit: at an epoch's end, in its middle, on one or two threads, with
  /// either optimizer.
  @Test(arguments: [(5, 1), (7, 2), (13, 1), (13, 2)], OptimizerConfiguration.Kind.allCases)
  func resumingGivesTheSameBits(place: (stop: Int, threads: Int), kind: OptimizerConfiguration.Kind) throws {
    let (stop, threads) = place
    let directory = try TemporaryDirectory()
    var configuration = try Self.configuration(directory)
    if kind == .adamw { configuration.optimizer = Self.adamw }
    (configuration.threads, configuration.logEverySteps) = (threads, 3)
    let whole = try Self.run("whole", directory, configuration)
    #expect(try Trainer(configuration, run: whole).train() != nil)

    let parts = try Self.run("parts", directory, configuration)
    #expect(throws: Interruption.self) { try Trainer(configuration, run: parts).train { $0 == stop } }
    let checkpoint = try Checkpoint(reading: parts.last)
    #expect(try TrainingState(json: checkpoint.state, path: parts.last).step == stop)
    let kinds = Set(checkpoint.optimizer.names.map { String($0.prefix { $0 != "/" }) })
    #expect(kinds == (kind == .sgd ? ["velocity"] : ["exp_avg", "exp_avg_sq", "step"]))
    #expect(try Trainer(resuming: parts).train() != nil)
    #expect(try Self.bytes(whole) == Self.bytes(parts))
  }

  /// Steps after the last checkpoint are repeated, and the log has no line twice.
  @Test func aKilledRunRepeatsFromItsCheckpoint() throws {
    let directory = try TemporaryDirectory()
    let configuration = try Self.configuration(directory)
    let whole = try Self.run("whole", directory, configuration)
    try Trainer(configuration, run: whole).train()
    // A checkpoint of step 7 beside everything else of the whole run: as a kill would leave it, only worse.
    let killed = try Self.run("killed", directory, configuration)
    #expect(throws: Interruption.self) { try Trainer(configuration, run: killed).train { $0 == 7 } }
    for (from, to) in [(whole.metrics, killed.metrics), (whole.best, killed.best)] {
      try FileManager.default.removeItem(atPath: to)
      try FileManager.default.copyItem(atPath: from, toPath: to)
    }
    let log = try FileHandle(forWritingTo: URL(fileURLWithPath: killed.metrics))
    try log.seekToEnd()
    try log.write(contentsOf: Data("{\"epoch\":".utf8))
    try Trainer(resuming: killed).train()
    #expect(try Self.bytes(killed) == Self.bytes(whole))
  }

  /// `until` stops early and the run continues; the same number of epochs gives identical bits.
  @Test func untilStopsAndContinues() throws {
    let directory = try TemporaryDirectory()
    let configuration = try Self.configuration(directory)
    let whole = try Self.run("whole", directory, configuration)
    try Trainer(configuration, run: whole).train()
    let parts = try Self.run("parts", directory, configuration)
    #expect(try Trainer(configuration, run: parts).train(until: 1) == nil)
    #expect(try Trainer(resuming: parts).train(until: 3) == nil)
    #expect(try Trainer(resuming: parts).train() != nil)
    #expect(try Self.bytes(whole) == Self.bytes(parts))
  }

  /// Early stopping after `patience` epochs without an improvement, bit for bit wherever the run was stopped.
  @Test(arguments: [1, 2]) func patienceEndsARun(patience: Int) throws {
    let directory = try TemporaryDirectory()
    var configuration = try Self.configuration(directory)
    (configuration.epochs, configuration.patience) = (60, patience)
    configuration.schedule = Schedule(kind: .constant)
    configuration.optimizer.learningRate = 0.3
    let whole = try Self.run("whole", directory, configuration)
    let result = try #require(try Trainer(configuration, run: whole).train())
    #expect(result.epochs < 60 && result.epochs == result.bestEpoch + patience)
    let parts = try Self.run("parts", directory, configuration)
    #expect(throws: Interruption.self) { try Trainer(configuration, run: parts).train { $0 == 4 } }
    #expect(try Trainer(resuming: parts).train() == result)
    #expect(try Self.bytes(whole) == Self.bytes(parts))
    #expect(try Trainer(resuming: parts).train() == result)
    #expect(try Self.bytes(whole) == Self.bytes(parts))
  }

  /// The threads do not change the bits (the thread count in the state apart).
  @Test func threadsDoNotChangeTheWeights() throws {
    let directory = try TemporaryDirectory()
    var configuration = try Self.configuration(directory)
    configuration.epochs = 2
    var weights: [Parameters] = []
    for threads in [1, 2, 3] {
      configuration.threads = threads
      let run = try Self.run("threads\(threads)", directory, configuration)
      try Trainer(configuration, run: run).train()
      weights.append(try Checkpoint(reading: run.last).parameters)
    }
    #expect(weights[0] == weights[1] && weights[1] == weights[2])
  }

  /// Pretrained layers are read back from the file; a frozen backbone stays as it was.
  @Test func fineTunesFromAFileAndKeepsWhatIsFrozen() throws {
    let directory = try TemporaryDirectory()
    let source = try Self.configuration(directory)
    let sourceRun = try Self.run("source", directory, source)
    try Trainer(source, run: sourceRun).train()
    var target = source
    target.seed = 2
    target.weights = WeightsConfiguration(from: sourceRun.best, reinitialize: ["classifier"])
    target.freeze = ["features.*"]
    let run = try Self.run("target", directory, target)
    final class Table { var text = "" }
    let table = Table()
    let trainer = try Trainer(target, run: run) { event in
      if case .loaded(let plan, _) = event { table.text = "\(plan)" }
    }
    try trainer.train()
    #expect(table.text.contains("head.fc6.weight") && table.text.contains("reinitialized"))
    let before = try WeightsFile(opening: sourceRun.best)
    let after = try Checkpoint(reading: run.last).parameters
    for tensor in before.tensors where tensor.layer.hasPrefix("conv") || tensor.layer.hasPrefix("norm") {
      #expect(try before.values(of: tensor) == after["features.\(tensor.name)"], "\(tensor.name)")
    }
    let fc6 = try #require(before.tensors.first { $0.name == "fc6.weight" })
    #expect(try before.values(of: fc6) != after["head.fc6.weight"])
  }

  /// Rows in (c, y, x) order are put in ours by the map that the network has before fc6.
  @Test func aTorchFileGivesTheSameRunAsOurs() throws {
    let directory = try TemporaryDirectory()
    var configuration = try Self.configuration(directory)
    configuration.epochs = 1
    let source = try Self.run("source", directory, configuration)
    try Trainer(configuration, run: source).train()
    let file = try WeightsFile(opening: source.best)
    let fc6 = try #require(file.tensors.first { $0.name == "fc6.weight" })
    let map = FlattenedMap(height: 7, width: 7, channels: fc6.shape[0] / 49)
    let path = directory.path("torch.safetensors")
    try WeightsConversion(of: file, to: .safetensors, flattened: ["fc6": map]).write(to: path)
    var results: [Parameters] = []
    for (name, order) in [(source.best, nil), (path, nil), (path, FlattenOrder.hwc)] {
      configuration.weights = WeightsConfiguration(from: name, flattenOrder: order)
      let run = try Self.run("run\(results.count)", directory, configuration)
      try Trainer(configuration, run: run).train()
      results.append(try Checkpoint(reading: run.last).parameters)
    }
    #expect(results[0] == results[1])
    #expect(results[0] != results[2])
  }

  /// A batch in parts makes the same steps when nothing in the network depends on the batch as a whole.
  @Test func accumulationEqualsTheFullBatch() throws {
    let directory = try TemporaryDirectory()
    var configuration = try Self.configuration(directory)
    configuration.network.head?.dropout = 0
    configuration.freeze = ["features.*"]
    configuration.epochs = 2
    var weights: [Parameters] = []
    for parts in [1, 2, 3] {
      configuration.optimizer.accumulate = parts
      let run = try Self.run("parts\(parts)", directory, configuration)
      try Trainer(configuration, run: run).train()
      weights.append(try Checkpoint(reading: run.last).parameters)
    }
    for other in weights.dropFirst() {
      for (name, tensor) in other { #expect(tensor.distance(to: weights[0][name]!) < 1e-5, "\(name)") }
    }
  }

  @Test func whatCannotBeTrainedIsRefusedBeforeAnythingIsWritten() throws {
    let directory = try TemporaryDirectory()
    let good = try Self.configuration(directory)
    try Self.writeDataset(to: directory.path("unvalidated.h5"), validation: false)
    func problem(_ change: (inout Configuration) -> Void) throws -> String {
      var configuration = good
      change(&configuration)
      let run = RunDirectory(directory.path("bad"))
      let error = #expect(throws: (any Error).self) { try Trainer(configuration, run: run) }
      return "\(try #require(error))"
    }
    #expect(try problem { $0.data.trainPerClass = 9 }.contains("class upright has 8 samples in train, expected 9"))
    #expect(try problem { $0.data.path = directory.path("none.h5") }.contains("none.h5"))
    #expect(try problem { $0.data.path = directory.path("unvalidated.h5") }.contains("validation is empty"))
    #expect(try problem { $0.data.sizes = [2] }.contains("scale them up"))
    #expect(try problem { $0.freeze = ["*"] }.contains("leaves nothing to train"))
    #expect(try problem { $0.freeze = ["featuers.*"] }.contains("no trained parameter matches featuers.*"))
    // Running statistics are no parameters that gradients change.
    #expect(try problem { $0.freeze = ["*.mean"] }.contains("no trained parameter matches *.mean"))
    #expect(
      try problem { $0.optimizer.groups = [.init(match: "*.variance", learningRateMultiplier: 2)] }.contains(
        "optimizer.groups"))
    #expect(
      try problem { $0.network = NetworkDescription(head: .init(kind: .fc, width: 1 << 20, depth: 8)) }
        .contains("make its layers narrower"))
    let file = good.data.path
    #expect(try problem { $0.weights = WeightsConfiguration(from: file) }.contains(file))
  }

  /// A loss that is not finite stops the run with the step; the last checkpoint stays.
  @Test func aLossThatIsNotFiniteStopsTheRun() throws {
    let directory = try TemporaryDirectory()
    var configuration = try Self.configuration(directory)
    configuration.optimizer.learningRate = 1e30
    configuration.schedule.kind = .constant
    let run = try Self.run("run", directory, configuration)
    let error = #expect(throws: Divergence.self) { try Trainer(configuration, run: run).train() }
    #expect("\(try #require(error))".contains("step \(error?.step ?? 0): "))
    #expect(try run.loadResult() == RunResult(divergedAt: try #require(error).step, metrics: Classification.metrics))
  }

  /// Weights that go bad in an epoch's last step are no result.
  @Test func weightsThatAreNotFiniteAreNoResult() throws {
    let directory = try TemporaryDirectory()
    var configuration = try Self.configuration(directory)
    configuration.optimizer.learningRate = 1e38
    configuration.data.batch = 100
    configuration.epochs = 1
    configuration.schedule.kind = .constant
    let run = try Self.run("run", directory, configuration)
    #expect(throws: Divergence.self) { try Trainer(configuration, run: run).train() }
    #expect(!run.hasCheckpoint)
  }

  /// A finished run whose checkpoint was removed does not start over; best weights are the same however often it was saved.
  @Test func aFinishedRunWithoutItsCheckpointDoesNotStartOver() throws {
    let directory = try TemporaryDirectory()
    var configuration = try Self.configuration(directory)
    configuration.checkpoint.everyEpochs = 3
    let run = try Self.run("run", directory, configuration)
    try Trainer(configuration, run: run).train()
    let stopped = try Self.run("stopped", directory, configuration)
    #expect(throws: Interruption.self) { try Trainer(configuration, run: stopped).train { $0 == 12 } }
    try Trainer(resuming: stopped).train()
    #expect(try Self.bytes(run) == Self.bytes(stopped))
    try run.removeCheckpoints()
    #expect(throws: TrainingError.self) { try Trainer(resuming: run) }
  }

  /// Every sample once per epoch; a position is a function of seed and step alone.
  @Test func thePlanIsAFunctionOfSeedAndStep() throws {
    let directory = try TemporaryDirectory()
    let configuration = try Self.configuration(directory)
    let dataset = try Dataset(opening: configuration.data.path)
    let samples = dataset.samples(of: .train)
    func plan(_ seed: UInt64) -> BatchPlan {
      BatchPlan(dataset, samples: samples, configuration: configuration.data, parts: 1, seed: seed)
    }
    let steps = plan(1).stepsPerEpoch
    #expect(steps == 5)
    for epoch in 0..<3 {
      let seen = (0..<steps).flatMap { plan(1).samples(ofStep: epoch * steps + $0) }
      #expect(seen.sorted() == samples)
    }
    #expect(plan(1).samples(ofStep: 12) == plan(1).samples(ofStep: 12))
    #expect((0..<steps).map { plan(1).samples(ofStep: $0) } != (0..<steps).map { plan(2).samples(ofStep: $0) })
    let batch = try plan(1).batches(ofStep: 3)[0]
    #expect(Set(batch.extents.maps.map(\.height)).isSubset(of: [28, 32, 36]))
    #expect(batch.pixels.values.allSatisfy { $0 >= -1 && $0 <= 1 })
  }
}
