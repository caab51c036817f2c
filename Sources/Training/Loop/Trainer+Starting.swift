internal import Support

extension Trainer {
  /// Begins a run in a directory, which this process holds meanwhile, and trains it.
  ///
  /// Everything is checked before the directory is made, so that a mistake leaves nothing behind.
  /// - Parameters:
  ///   - epochs: how many are done; the configuration's number by default.
  ///   - holder: who holds the directory, for the message that another process gets.
  ///   - shouldStop: looked at after each step and while an epoch is validated.
  /// - Returns: the result, or nil if there are epochs left.
  /// - Throws: `RunError` where the directory holds a run, and as a new trainer and `train` do.
  package static func start(
    _ configuration: Configuration, in run: RunDirectory, until epochs: Int? = nil, holder: String,
    shouldStop: () -> Bool = { false }, observe: @escaping (TrainingEvent) -> Void = { _ in }
  ) throws -> RunResult? {
    guard !run.hasCheckpoint else { throw RunError.begun(path: run.path) }
    try requireEpochs(epochs, in: configuration, of: run)
    let configuration = try configuration.resolved()
    let trainer = try Trainer(configuration, run: run, observe: observe)
    try run.createDirectory()
    let lock = try run.lock(for: holder)
    defer { _ = lock }
    guard !run.hasCheckpoint else { throw RunError.begun(path: run.path) }
    try run.create(for: configuration)
    return try trainer.train(until: epochs) { _ in shouldStop() }
  }
}
