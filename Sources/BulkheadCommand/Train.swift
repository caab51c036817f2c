import ArgumentParser
import Distribution
import Foundation
import Serialization
import Studies
import Support
import Training

/// Trains or fine-tunes a network.
struct Train: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Train or fine-tune a network.",
    discussion: """
      The run's directory holds the whole configuration, metrics.jsonl, last.h5 to resume from and best.h5, the best \
      weights on validation images. SIGINT or SIGTERM finishes the step, saves and exits with 75. Under mpirun, the processes \
      share each batch (optimizer.accumulate parts of it), and SIGUSR1 stops them.
      """)
  @Argument(help: "The configuration, a YAML file.") var configuration: String
  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp("Override a key, such as optimizer.learningRate=0.1.", valueName: "key=value"))
  var settings: [String] = []
  @Option(
    name: .customLong("run"),
    help: ArgumentHelp(
      "The run's directory (default: checkpoints/ and the configuration's name).", valueName: "directory"))
  var directory: String?
  @OptionGroup var trust: Trust

  func run() throws { try JoinedProcesses.work(train) }

  private func train(_ processes: any Communicator) throws {
    let name = URL(fileURLWithPath: configuration).deletingPathExtension().lastPathComponent
    let run = RunDirectory(directory ?? "checkpoints/\(name)")
    let value = try processes.agreed {
      let value = try Configuration(path: configuration, settings: settings).resolved()
      if processes.isFirst, run.hasCheckpoint { throw RunError.begun(path: run.path) }
      try requireFile(value.data.path, expected: "a dataset")
      if processes.isFirst, let weights = value.weights { try requireFile(weights.from, expected: "weights") }
      try trust.examine([value.data.path] + (processes.isFirst ? value.weights.map { [$0.from] } ?? [] : []))
      return value
    }
    let report = TrainingReport(value.metrics, isSilent: !processes.isFirst)
    try report.end(of: run) {
      try Trainer.start(
        value, in: run, holder: commandLine, processes: processes, shouldStop: { StopRequest.isRequested },
        observe: { report.show($0) })
    }
  }
}

/// Resumes a run.
struct Resume: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Resume a stopped run.",
    discussion: "The result is bit-for-bit identical to that of a run without the stop.")
  @Argument(help: "The run's directory.") var directory: String
  @Option(help: "The path of the dataset, which must be the same (default: the configuration's).") var data: String?
  @Flag(help: "First repeat the steps between the two newest checkpoints, and compare every bit.")
  var prove = false
  @Option(help: "Stop after this many epochs (default: all of the run's).") var until: Int?
  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: ArgumentHelp(
      "Extend the run to more epochs, such as epochs=20; other keys are fixed.", valueName: "key=value"))
  var settings: [String] = []
  @OptionGroup var supervision: Supervision

  func validate() throws {
    guard (1...1_000_000).contains(until ?? 1) else { throw ValidationError("--until is 1 to 1000000") }
  }

  func run() throws { try JoinedProcesses.work(resume) }

  private func resume(_ processes: any Communicator) throws {
    // The others' standard input has ended already.
    if processes.isFirst { supervision.begin() }
    let run = RunDirectory(directory)
    let epochs = try processes.agreed {
      guard !prove || processes.size == 1 else {
        throw ValidationError("--prove works in one process; start it without mpirun")
      }
      return try newEpochs()
    }
    let lock = try processes.doneByFirst {
      guard run.hasConfiguration else { throw FileError.missing(run.configuration) }
      return try run.lock(for: commandLine, patience: supervision.patience)
    }
    defer { _ = lock }
    let metrics = try processes.agreed { processes.isFirst ? try run.loadConfiguration().metrics : [] }
    let report = TrainingReport(metrics, isQuiet: supervision.supervised, isSilent: !processes.isFirst)
    if prove {
      let stretch = try Replay.prove(
        run, dataPath: data, shouldStop: { _ in StopRequest.isRequested }, observe: { report.show($0) })
      report.end(with: stretch)
    }
    let start = ContinuousClock.now
    defer {
      // The cost of a run is noted beside it; failing to note it is not an error.
      let taken = (ContinuousClock.now - start) / .seconds(1)
      if supervision.supervised, processes.isFirst { try? RunCost.note(seconds: taken, in: run) }
    }
    let trainer = try Trainer.resumed(run, dataPath: data, extendingTo: epochs, processes: processes) {
      report.show($0)
    }
    try report.end(of: run) { try trainer.train(until: until) { _ in StopRequest.isRequested } }
  }

  /// The value of `--set epochs=`; nil without it.
  private func newEpochs() throws -> Int? {
    struct Extension: Decodable { var epochs: Int? }
    var node = YAMLNode(.mapping([]))
    for setting in settings {
      guard setting.prefix(while: { $0 != "=" }) == "epochs" else {
        throw ValidationError(
          "--set \(setting): a run keeps the configuration that it was started with, except for more epochs (--set "
            + "epochs=20); start a new run for other values")
      }
      try node.set(setting)
    }
    return try StrictDecoder(source: "--set").decode(Extension.self, from: node).epochs
  }
}

/// How another program supervises this one.
struct Supervision: ParsableArguments {
  @Flag(
    help: "Show no progress, and stop with the state saved when standard input ends: for programs that start this one.")
  var supervised = false

  /// Seconds that a supervised process waits for its predecessor to release a run.
  var patience: Double { supervised ? 30 : 0 }

  func begin() {
    if supervised { StopRequest.watchStandardInput() }
  }
}
