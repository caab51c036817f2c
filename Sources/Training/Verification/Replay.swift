internal import Foundation
internal import Kernels
internal import Optimizers
internal import Support
internal import Tensors
internal import Weights

/// The steps between a run's two newest checkpoints, repeated: the result must be bit-for-bit the newer one.
package enum Replay {
  /// The repeated steps.
  package struct Stretch: Sendable, Equatable {
    /// The step of the older checkpoint.
    package var from: Int
    /// The step of the newer checkpoint.
    package var to: Int
  }

  /// Repeats the stretch and compares parameters, the optimizer's tensors, the rest of the state, and by it the log.
  ///
  /// - Parameter shouldStop: polled after each step.
  /// - Throws: `TrainingError` if the result differs, or there are no two checkpoints; `Interruption.stopped`.
  package static func prove(
    _ run: RunDirectory, dataPath: String? = nil, task: (any TrainingTask.Type)? = nil,
    shouldStop: (_ step: Int) -> Bool = { _ in false },
    observe: @escaping (TrainingEvent) -> Void = { _ in }
  ) throws -> Stretch {
    guard let newest = try VerifiedCheckpoint.newest(of: run, reject: { observe(.warning($0)) }) else {
      throw TrainingError("\(run.path): has no checkpoint yet; nothing to repeat")
    }
    try newest.state.requireSame(run.loadConfiguration(), path: run.configuration)
    guard let earlier = try checkpoint(before: newest, in: run) else {
      throw TrainingError(
        "\(run.path): has no checkpoint before that of step \(newest.state.step) to repeat the steps from; keep more with "
          + "checkpoint.keepLast, or train on")
    }
    let scratch = RunDirectory(run.file("proof"), layers: run.layers)
    try FileSystem.remove(scratch.path)
    try scratch.createDirectory()
    defer { try? FileSystem.remove(scratch.path) }
    try FileSystem.attempt("copy", run.metrics) {
      if earlier.state.log.bytes > 0 { try FileManager.default.copyItem(atPath: run.metrics, toPath: scratch.metrics) }
    }
    let trainer = try Trainer(scratch, from: earlier, dataPath: dataPath, task: task, saved: earlier.state, observe)
    let again = try trainer.pool.use {
      try trainer.replay(trainer.setup.task, to: newest.state, shouldStop: shouldStop)
    }
    let differences = newest.checkpoint.differences(from: again)
    guard differences.isEmpty else {
      throw TrainingError(
        "\(newest.path): steps \(earlier.state.step + 1) to \(newest.state.step) repeated give different bits in "
          + "\(differences.joined(separator: ", ")); expected identical bits with equal program, processor and threads")
    }
    return Stretch(from: earlier.state.step, to: newest.state.step)
  }

  /// The newest checkpoint from which a straight way leads to another.
  private static func checkpoint(
    before newest: VerifiedCheckpoint, in run: RunDirectory
  ) throws -> VerifiedCheckpoint? {
    for path in run.checkpoints where path != newest.path {
      guard var found = try? VerifiedCheckpoint(path, of: run), found.state.step < newest.state.step,
        found.state.rollbacks == newest.state.rollbacks
      else { continue }
      let (before, after) = (found.state.configuration, newest.state.configuration)
      if before == after { return found }
      // A run that was extended right there goes on with the new number of epochs.
      guard after.extends(before, afterStep: found.state.step),
        after.extensions?.last?.afterStep == found.state.step
      else { continue }
      found.state.configuration = after
      return found
    }
    return nil
  }
}

extension Trainer {
  /// Goes on to another state of the run without saving anything.
  func replay(
    _ task: some TrainingTask, to target: TrainingState, shouldStop: (_ step: Int) -> Bool
  ) throws -> Checkpoint {
    let log = try MetricsLog(path: run.metrics, keeping: state.log)
    let batches = batches(ofSteps: state.step..<target.step, for: task)
    defer { batches.stop() }
    let epochs = target.configuration.epochs
    if state.isBetweenEpochs { try endEpoch(task, of: epochs, log: log, shouldStop: shouldStop) }
    while state.step < target.step {
      checkpoints.forgetBest()
      if shouldStop(state.step) { throw Interruption.stopped }
      try step(task, from: batches, of: target.step, log: log)
      let isThere = state.step == target.step && target.isBetweenEpochs
      if state.isBetweenEpochs, !isThere { try endEpoch(task, of: epochs, log: log, shouldStop: shouldStop) }
    }
    // What a run may go back to is noted when it saves, which is not repeated here.
    state.anchoredEpochs = target.anchoredEpochs
    return Checkpoint(parameters: parameters, optimizer: optimizer.state, state: try state.json)
  }
}

extension Checkpoint {
  /// Names of what is not the same, bit for bit.
  fileprivate func differences(from other: Checkpoint) -> [String] {
    let tensors = [(parameters, other.parameters), (optimizer, other.optimizer)].flatMap { mine, theirs in
      Set(mine.names).union(theirs.names).filter { mine[$0] != theirs[$0] }.sorted()
    }
    return tensors + (state == other.state ? [] : ["the rest of the state"])
  }
}
