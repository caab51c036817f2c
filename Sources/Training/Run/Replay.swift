internal import Foundation
internal import Optimizers
internal import Storage
internal import Tensors

/// The stretch between a run's two newest checkpoints, done again: it must come to the very bytes of the newer one.
package enum Replay {
  /// What was repeated.
  package struct Stretch: Sendable, Equatable {
    package var from: Int
    package var to: Int
  }

  /// Repeats the stretch and compares parameters, velocities, the rest of the state, and by it the log.
  ///
  /// - Parameter shouldStop: looked at after each step.
  /// - Throws: `TrainingError` if it comes to something else, or there are no two checkpoints; `Interruption.stopped`.
  package static func prove(
    _ run: RunDirectory, dataPath: String? = nil,
    shouldStop: @escaping (_ step: Int) -> Bool = { _ in Interruption.isRequested },
    observe: @escaping (TrainingEvent) -> Void = { _ in }
  ) throws -> Stretch {
    guard let newest = try run.newestCheckpoint(reject: { observe(.warning($0)) }) else {
      throw TrainingError("\(run.path): has no checkpoint yet; there is nothing to repeat")
    }
    try newest.state.requireSame(run.loadConfiguration(), path: run.configuration)
    guard let earlier = try checkpoint(before: newest, in: run) else {
      throw TrainingError(
        "\(run.path): has no checkpoint before that of step \(newest.state.step) to repeat the way from; keep more with "
          + "checkpoint.keepLast, or train on")
    }
    let scratch = RunDirectory(run.file("proof"), layers: run.layers)
    try RunDirectory.remove(scratch.path)
    try scratch.createDirectory()
    defer { try? RunDirectory.remove(scratch.path) }
    try RunDirectory.attempt("copy", run.metrics) {
      if earlier.state.log.bytes > 0 { try FileManager.default.copyItem(atPath: run.metrics, toPath: scratch.metrics) }
    }
    let trainer = try Trainer(scratch, from: earlier, dataPath: dataPath, saved: earlier.state, observe)
    let again = try trainer.replay(to: newest.state, shouldStop: shouldStop)
    let differences = newest.checkpoint.differences(from: again)
    guard differences.isEmpty else {
      throw TrainingError(
        "\(newest.path): steps \(earlier.state.step + 1) to \(newest.state.step) done again give other bits in "
          + "\(differences.joined(separator: ", ")); expected the same on the same program, processor and thread count")
    }
    return Stretch(from: earlier.state.step, to: newest.state.step)
  }

  /// The newest checkpoint from which a straight way leads to another.
  private static func checkpoint(
    before newest: VerifiedCheckpoint, in run: RunDirectory
  ) throws -> VerifiedCheckpoint? {
    for path in run.checkpoints where path != newest.path {
      guard let found = try? VerifiedCheckpoint(path, of: run) else { continue }
      if found.state.step < newest.state.step, found.state.rollbacks == newest.state.rollbacks { return found }
    }
    return nil
  }
}

extension Trainer {
  /// Goes on to another state of the run without saving anything.
  func replay(to target: TrainingState, shouldStop: (_ step: Int) -> Bool) throws -> Checkpoint {
    let log = try MetricsLog(path: run.metrics, keeping: state.log)
    let plan = setup.plan
    let batches = Prefetcher(state.step..<target.step) { try plan.batches(ofStep: $0) }
    defer { batches.stop() }
    let epochs = target.configuration.epochs
    if state.isBetweenEpochs { try endEpoch(of: epochs, log: log, shouldStop: shouldStop) }
    while state.step < target.step {
      saving.forgetBest()
      if shouldStop(state.step) { throw Interruption.stopped }
      try step(from: batches, of: target.step, log: log)
      let isThere = state.step == target.step && target.isBetweenEpochs
      if state.isBetweenEpochs, !isThere { try endEpoch(of: epochs, log: log, shouldStop: shouldStop) }
    }
    // What a run may go back to is noted when it saves, which is not repeated here.
    state.anchoredEpochs = target.anchoredEpochs
    return Checkpoint(parameters: parameters, velocities: optimizer.sgd.state, state: try state.json)
  }
}

extension Checkpoint {
  /// Names of what is not the same, bit for bit.
  fileprivate func differences(from other: Checkpoint) -> [String] {
    let parts = [(parameters, other.parameters, ""), (velocities, other.velocities, "the velocity of ")]
    let tensors = parts.flatMap { mine, theirs, prefix in
      Set(mine.names).union(theirs.names).filter { mine[$0] != theirs[$0] }.sorted().map { prefix + $0 }
    }
    return tensors + (state == other.state ? [] : ["the rest of the state"])
  }
}
