package import Distribution
internal import Serialization
internal import Support

extension Trainer {
  /// Begins a run in a directory, which this process holds meanwhile, and trains it.
  ///
  /// Everything is checked before the directory is made, so that a mistake leaves nothing behind.
  /// - Parameters:
  ///   - epochs: how many are done; the configuration's number by default.
  ///   - holder: who holds the directory, for the message that another process gets.
  ///   - processes: those that train it together; the first one alone works in the directory.
  ///   - shouldStop: looked at after each step and while an epoch is validated.
  /// - Returns: the result, or nil if there are epochs left.
  /// - Throws: `RunError` where the directory holds a run, and as a new trainer and `train` do.
  package static func start(
    _ configuration: Configuration, in run: RunDirectory, until epochs: Int? = nil, holder: String,
    processes: any Communicator = SingleProcess(), shouldStop: () -> Bool = { false },
    observe: @escaping (TrainingEvent) -> Void = { _ in }
  ) throws -> RunResult? {
    let configuration = try processes.agreed {
      if processes.isFirst, run.hasCheckpoint { throw RunError.begun(path: run.path) }
      try requireEpochs(epochs, in: configuration, of: run)
      return try configuration.resolved()
    }
    if processes.size > 1 {
      var same = configuration
      same.threads = 1  // changes no bit
      try processes.requireSame(
        "configuration", try YAMLText.encode(same), "start all with the same file and the same options")
    }
    let trainer = try joined(processes, run, dataPath: nil, observe) {
      try Trainer(configuration, run: run, observe: observe)
    }
    let lock = try processes.doneByFirst {
      try run.createDirectory()
      let lock = try run.lock(for: holder)
      guard !run.hasCheckpoint else { throw RunError.begun(path: run.path) }
      try run.create(for: configuration)
      return lock
    }
    defer { _ = lock }
    return try trainer.train(until: epochs) { _ in shouldStop() }
  }
}
