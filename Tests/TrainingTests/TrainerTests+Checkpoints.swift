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
import Weights

/// Checkpoints under failures: damage, full disks, changed files, divergence.
extension TrainerTests {
  private final class Notes {
    var warnings: [String] = []
    var saves = 0
    func take(_ event: TrainingEvent) {
      if case .warning(let text) = event { warnings.append(text) }
      if case .saved = event { saves += 1 }
    }
  }

  private static func flip(_ path: String, _ place: Int) throws {
    var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
    bytes[place % bytes.count] ^= 4
    try bytes.write(to: URL(fileURLWithPath: path))
  }

  /// The newest checkpoint that verifies is used, and the others are named with their reasons.
  @Test func aDamagedCheckpointGivesWayToTheOneBefore() throws {
    let directory = try TemporaryDirectory()
    var configuration = try Self.configuration(directory)
    configuration.checkpoint = CheckpointConfiguration(everySteps: 3, keepLast: 3)
    let run = try Self.run("run", directory, configuration)
    // A stop waits for its save, however busy the machine is.
    #expect(throws: Interruption.self) { try Trainer(configuration, run: run).train { $0 == 6 } }
    #expect(throws: Interruption.self) { try Trainer(resuming: run).train { $0 == 12 } }
    try Trainer(resuming: run).train()
    let whole = try Self.bytes(run)
    #expect(run.checkpoints.count == 3 && run.checkpoints[0] == run.last)
    for damaged in 1...2 {
      let paths = run.checkpoints.prefix(damaged)
      for path in paths { try Self.flip(path, 12_345) }
      let notes = Notes()
      try Trainer(resuming: run, observe: notes.take).train()
      for path in paths { #expect(notes.warnings.contains { $0.contains(path) }) }
      #expect(notes.warnings.contains { $0.contains("checksum") } && notes.warnings.last!.contains("resuming from"))
      #expect(try Self.bytes(run) == whole)
    }
    for path in run.checkpoints { try Self.flip(path, 54_321) }
    let error = #expect(throws: TrainingError.self) { try Trainer(resuming: run) }
    #expect("\(try #require(error))".contains("no checkpoint of this run can be used"))
  }

  /// The best epochs are kept under their numbers, the best of all under its own name too.
  @Test func theBestEpochsAreKept() throws {
    let directory = try TemporaryDirectory()
    var configuration = try Self.configuration(directory)
    configuration.checkpoint = CheckpointConfiguration(keepLast: 1, keepBest: 2)
    configuration.epochs = 6
    let run = try Self.run("run", directory, configuration)
    try Trainer(configuration, run: run).train()
    let state = try TrainingState(json: Checkpoint(reading: run.last).state, path: run.last)
    #expect(state.kept.count == 2)
    let records = try MetricsLog.records(in: run.metrics)
    let accuracies = records.compactMap { $0.values["validationAccuracy"] }.sorted(by: >)
    #expect(state.kept.map { $0.metrics["accuracy"] } == Array(accuracies.prefix(2)))
    let names = try FileManager.default.contentsOfDirectory(atPath: run.path).filter { $0.hasSuffix(".h5") }.sorted()
    #expect(names == (["best.h5", "last.h5"] + state.kept.map { "best-epoch-\($0.epoch).h5" }).sorted())
    #expect(
      try Data(contentsOf: URL(fileURLWithPath: run.file("best-epoch-\(state.kept[0].epoch).h5")))
        == Data(contentsOf: URL(fileURLWithPath: run.best)))
  }

  /// A run continues after a failed save; the save is retried, and the result is the same.
  @Test func aFailedSaveIsTriedAgain() throws {
    let directory = try TemporaryDirectory()
    let configuration = try Self.configuration(directory)
    let whole = try Self.run("whole", directory, configuration)
    try Trainer(configuration, run: whole).train()
    let run = try Self.run("run", directory, configuration)
    // Nothing can be renamed over a directory.
    let obstacle = run.best
    try FileManager.default.createDirectory(atPath: obstacle + "/inside", withIntermediateDirectories: true)
    let notes = Notes()
    try Trainer(configuration, run: run) { event in
      notes.take(event)
      if case .warning = event { try? FileManager.default.removeItem(atPath: obstacle) }
    }.train()
    #expect(notes.warnings.contains { $0.contains("cannot be saved") && $0.contains("no checkpoint exists yet") })
    #expect(try Self.bytes(run) == Self.bytes(whole))
  }

  /// An end that cannot be saved is an error, with the checkpoint before it as it was.
  @Test func anEndThatCannotBeSavedIsAnError() throws {
    let directory = try TemporaryDirectory()
    var configuration = try Self.configuration(directory)
    configuration.checkpoint.keepLast = 1
    let run = try Self.run("run", directory, configuration)
    #expect(throws: Interruption.self) { try Trainer(configuration, run: run).train { $0 == 7 } }
    let before = try Data(contentsOf: URL(fileURLWithPath: run.last))
    try FileManager.default.createDirectory(
      atPath: "\(run.last).\(ProcessInfo.processInfo.processIdentifier).partial/x", withIntermediateDirectories: true)
    let trainer = try Trainer(resuming: run)
    // Fragments of a killed process are removed; this one comes later.
    try FileManager.default.createDirectory(
      atPath: "\(run.last).\(ProcessInfo.processInfo.processIdentifier).partial/x", withIntermediateDirectories: true)
    let error = #expect(throws: FileError.self) { try trainer.train() }
    #expect(error?.kind == .system)
    #expect(try Data(contentsOf: URL(fileURLWithPath: run.last)) == before)
    #expect(try run.loadResult() == nil)
  }

  /// Another configuration, another dataset or a damaged log under the run's names are refused; a moved one is found.
  @Test func whatChangedBetweenStopAndResumeIsNoticed() throws {
    let directory = try TemporaryDirectory()
    let configuration = try Self.configuration(directory)
    let whole = try Self.run("whole", directory, configuration)
    try Trainer(configuration, run: whole).train()
    let run = try Self.run("run", directory, configuration)
    #expect(throws: Interruption.self) { try Trainer(configuration, run: run).train { $0 == 7 } }
    func problem() throws -> String { "\(try #require(throws: (any Error).self) { try Trainer(resuming: run) })" }

    let text = try TextFile.read(run.configuration)
    try TextFile.write(text.replacing("epochs: 4", with: "epochs: 5"), to: run.configuration)
    #expect(try problem().contains("it has epochs: 5, the run started with epochs: 4"))
    try TextFile.write(text, to: run.configuration)

    let log = try TextFile.read(run.metrics)
    for damaged in ["", log.replacing("0.", with: "1."), log.replacing("\n", with: "\r\n")] {
      try TextFile.write(damaged, to: run.metrics)
      #expect(try problem().contains("metrics.jsonl"))
    }
    try TextFile.write(log, to: run.metrics)

    // One pixel of one image: counts and names are the same.
    let data = configuration.data.path
    let moved = directory.path("moved.h5")
    try FileManager.default.moveItem(atPath: data, toPath: moved)
    #expect(try problem().contains("--data"))
    let dataset = try Dataset(opening: moved)
    var writer = try DatasetWriter(path: data, header: dataset.header)
    for index in 0..<dataset.imageCount {
      let image = try dataset.image(at: index)
      var pixels = image.pixels
      if index == 40 { pixels[100] ^= 1 }
      try writer.append(
        Image(height: image.height, width: image.width, channels: 1, pixels: pixels),
        regions: [LabeledRegion(label: dataset.label(of: index))])
    }
    try writer.finish(splits: Dictionary(uniqueKeysWithValues: Split.allCases.map { ($0, dataset.samples(of: $0)) }))
    #expect(try problem().contains("other values in /images/pixels"))
    try FileManager.default.removeItem(atPath: data)

    // Run and data both lie elsewhere now.
    let copy = RunDirectory(directory.path("elsewhere"))
    try FileManager.default.moveItem(atPath: run.path, toPath: copy.path)
    try Trainer(resuming: copy, dataPath: moved).train()
    #expect(try Self.bytes(copy) == Self.bytes(whole))
    #expect(try RunVerification(copy, dataPath: moved).isGood)
  }

  /// The steps from the checkpoint before are repeated bit for bit, and different bits are noticed.
  @Test(arguments: OptimizerConfiguration.Kind.allCases)
  func aRunIsProvedAndVerified(kind: OptimizerConfiguration.Kind) throws {
    let directory = try TemporaryDirectory()
    var configuration = try Self.configuration(directory)
    if kind == .adamw { configuration.optimizer = Self.adamw }
    configuration.checkpoint.everySteps = 4
    let run = try Self.run("run", directory, configuration)
    #expect(throws: Interruption.self) { try Trainer(configuration, run: run).train { $0 == 18 } }
    let before = try Self.bytes(run, finished: false)
    let stretch = try Replay.prove(run)
    #expect(stretch.to == 18 && stretch.from < 18)
    try Trainer(resuming: run).train()
    #expect(try Replay.prove(run).to == 20)
    let verification = try RunVerification(run)
    #expect(verification.isGood && verification.findings.count == 7, "\(verification.findings)")
    #expect(try Self.bytes(run, finished: false) != before)

    // A checkpoint with another weight, sealed anew, can only be told by doing the steps again.
    var checkpoint = try Checkpoint(reading: run.last)
    let right = checkpoint.parameters["head.fc6.bias"]![0]
    checkpoint.parameters["head.fc6.bias"]![0] += 1
    try checkpoint.write(to: run.last)
    #expect(try RunVerification(run).isGood)
    let error = #expect(throws: TrainingError.self) { try Replay.prove(run) }
    #expect("\(try #require(error))".contains("different bits in head.fc6.bias;"))
    checkpoint.parameters["head.fc6.bias"]![0] = right
    let state = try #require(checkpoint.optimizer.names.last { $0.hasSuffix("head.fc6.bias") })
    checkpoint.optimizer[state]![0] += 1
    try checkpoint.write(to: run.last)
    let other = #expect(throws: TrainingError.self) { try Replay.prove(run) }
    #expect("\(try #require(other))".contains("different bits in \(state);"))
    #expect(!FileManager.default.fileExists(atPath: run.file("proof")))

    for path in [run.last, run.best, run.metrics, run.result, configuration.data.path] {
      let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
      try bytes.dropLast(30).write(to: URL(fileURLWithPath: path))
      let bad = try RunVerification(run).findings.filter { !$0.isGood }
      #expect(bad.contains { $0.path == path || $0.text.contains(path) }, "\(path): \(bad)")
      try bytes.write(to: URL(fileURLWithPath: path))
    }
  }

  static func bytes(_ run: RunDirectory, finished: Bool) throws -> [Data] {
    try [run.last, run.best, run.metrics].map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
  }

  /// A training map with an infinite value in a dataset of feature maps; returns its path.
  static func poisonedFeatures(_ directory: borrowing TemporaryDirectory, from configuration: Configuration)
    throws -> String
  {
    let (good, bad) = (directory.path("features.h5"), directory.path("poisoned.h5"))
    try FeatureExtraction(configuration).run(writingTo: good) { _ in }
    let dataset = try Dataset(opening: good)
    var writer = try DatasetWriter(path: bad, header: dataset.header)
    for index in 0..<dataset.imageCount {
      var values = try dataset.featureMap(at: index).values
      if index == dataset.samples(of: .train)[3] { values[7] = .infinity }
      let extent = dataset.extents(ofImage: index)
      try writer.append(
        values, height: extent.height, width: extent.width, regions: [LabeledRegion(label: dataset.label(of: index))])
    }
    try writer.finish(splits: Dictionary(uniqueKeysWithValues: Split.allCases.map { ($0, dataset.samples(of: $0)) }))
    return bad
  }

  /// A bad batch: its step changes nothing where it is skipped; where it ends the run, layer and samples are named.
  @Test(arguments: OptimizerConfiguration.Kind.allCases)
  func aBadBatchIsNamedAndCanBeSkipped(kind: OptimizerConfiguration.Kind) throws {
    let directory = try TemporaryDirectory()
    var through = try Self.frozen(directory, head: .fc)
    if kind == .adamw { through.optimizer = Self.adamw }
    var configuration = Self.onFeatures(through, try Self.poisonedFeatures(directory, from: through))
    let stopped = try Self.run("stopped", directory, configuration)
    let error = try #require(throws: Divergence.self) { try Trainer(configuration, run: stopped).train() }
    #expect(error.layer == "input" && error.samples.contains(3), "\(error)")
    #expect("\(error)".contains("no checkpoint exists yet"))
    #expect(!stopped.hasCheckpoint)

    configuration.onNonFinite = .skip
    let whole = try Self.run("whole", directory, configuration)
    let notes = Notes()
    try Trainer(configuration, run: whole, observe: notes.take).train()
    #expect(notes.warnings.count { $0.contains("skipped") } == 4)
    let state = try TrainingState(json: Checkpoint(reading: whole.last).state, path: whole.last)
    #expect(state.skipped == 4 && state.step == 20)
    let parts = try Self.run("parts", directory, configuration)
    #expect(throws: Interruption.self) { try Trainer(configuration, run: parts).train { $0 == 7 } }
    try Trainer(resuming: parts).train()
    #expect(try Self.bytes(parts) == Self.bytes(whole))
  }

  /// A learning rate that is too large: rollback to half of it, bit for bit however often the run was stopped.
  @Test(arguments: OptimizerConfiguration.Kind.allCases)
  func aRunGoesBackAndOnAtHalfTheRate(kind: OptimizerConfiguration.Kind) throws {
    let directory = try TemporaryDirectory()
    var configuration = try Self.configuration(directory)
    if kind == .adamw { configuration.optimizer = Self.adamw }
    // AdamW's steps are as long as the learning rate, whatever the gradient: it takes a large one to overflow.
    configuration.optimizer.learningRate = kind == .sgd ? 200 : 4e9
    if kind == .adamw { configuration.optimizer.weightDecay = 0 }
    configuration.schedule.kind = .constant
    configuration.onNonFinite = .rollback
    configuration.checkpoint = CheckpointConfiguration(everyEpochs: 2, keepLast: 1)
    configuration.logEverySteps = 1
    let whole = try Self.run("whole", directory, configuration)
    let notes = Notes()
    try Trainer(configuration, run: whole, observe: notes.take).train()
    #expect(notes.warnings.contains { $0.contains("rolls back to step") })
    let state = try TrainingState(json: Checkpoint(reading: whole.last).state, path: whole.last)
    #expect(state.rollbacks > 0 && state.rollbacks == notes.warnings.count)
    let parts = try Self.run("parts", directory, configuration)
    var stops = 0
    for stop in [2, 3, 8, 13, 16] {
      do {
        _ =
          try stops == 0
          ? Trainer(configuration, run: parts).train { $0 == stop } : Trainer(resuming: parts).train { $0 == stop }
      } catch Interruption.stopped { stops += 1 }
    }
    #expect(stops > 2)
    try Trainer(resuming: parts).train()
    #expect(try Self.bytes(parts) == Self.bytes(whole))
    #expect(try RunVerification(whole).isGood)
  }
}
