internal import Foundation
internal import Optimizers
internal import Support
internal import Tensors
internal import Weights

/// Saves, in the background while the run goes on, and the way back to one.
extension Trainer {
  /// Tries to save at an end.
  private static let lastTries = 3
  /// Times that a run goes back before it gives up.
  private static let mostRollbacks = 10

  /// Begins a save if one is due and none is under way; a step that is due while one is waits for its end.
  func saveIfDue(_ log: MetricsLog) {
    let isRegular = configuration.checkpoint.isDue(atStep: state.step, stepsPerEpoch: state.stepsPerEpoch)
    if isRegular {
      saving.due = state.step
      if configuration.onNonFinite == .rollback {
        // The way back is always the same, so this step's state itself must be saved.
        state.anchoredEpochs = state.kept.map(\.epoch)
        finishSave()
      }
    }
    if let outcome = saving.background.outcomeIfEnded() { take(outcome) }
    // One that is late waits for room, lest the run do.
    if let due = saving.due, saving.isReady, due == state.step || saving.hasRoom {
      do {
        try beginSave(log) {
          let copy = try saving.copy(state, parameters, optimizer.state, trained: trained)
          return (copy.parameters, copy.optimizer)
        }
      } catch { take(.failure(error)) }
    }
    let intervals = [state.stepsPerEpoch, configuration.checkpoint.everySteps ?? .max]
    let isNear = saving.due != nil || intervals.contains { $0 - state.step % $0 <= Saving.lead }
    if isNear, !saving.background.isBusy {
      saving.makeRoom(for: parameters, optimizer.state, trained: trained)
    } else {
      saving.discardRoom()
    }
  }

  /// Saves the state unless it is saved already, and returns when it is on the disk.
  ///
  /// - Throws: `FileError` or `FileError` if it cannot be saved, after some tries.
  func saveAndWait(_ log: MetricsLog) throws {
    finishSave()
    guard saving.last != state else { return }
    for attempt in 1... {
      // The run waits, so nothing need be copied.
      let outcome = Result { try beginSave(log) { (parameters, optimizer.state) } }.flatMap {
        saving.background.wait() ?? .success(())
      }
      if attempt == Self.lastTries, case .failure(let error) = outcome { throw error }
      guard let pause = take(outcome) else { return }
      Thread.sleep(forTimeInterval: Double(pause))
    }
  }

  /// Waits for the save that is under way, if one is.
  func finishSave() {
    if let outcome = saving.background.wait() { take(outcome) }
  }

  /// Takes note of how a save ended.
  /// - Returns: seconds until the next try, if it failed.
  @discardableResult
  private func take(_ outcome: Result<Void, any Error>) -> Int? {
    switch outcome {
    case .success:
      saving.succeed()
      observe(.saved(path: run.last, step: saving.last?.step ?? 0))
      return nil
    case .failure(let error):
      let pause = saving.fail()
      let kept = saving.last.map { "the checkpoint of step \($0.step) is kept" } ?? "there is no checkpoint yet"
      observe(.warning("the state cannot be saved: \(error); \(kept), the next try is in \(pause) s"))
      return pause
    }
  }

  private func beginSave(
    _ log: MetricsLog, of tensors: () throws -> (parameters: Parameters, optimizer: Parameters)
  ) throws {
    try log.write()
    let (parameters, optimizer) = try tensors()
    let save = Save(
      run: run, step: state.step,
      checkpoint: Checkpoint(parameters: parameters, optimizer: optimizer, state: try state.json),
      bestWeights: saving.bestWeights, bestEpoch: state.best?.epoch, retention: Retention(of: state),
      previous: saving.last?.step)
    saving.begin(save, of: state)
  }

  /// Goes back to the last regular checkpoint, if that is what the configuration asks for and it is there.
  func rollBack(after divergence: Divergence) throws -> Bool {
    guard configuration.onNonFinite == .rollback, state.rollbacks < Self.mostRollbacks else { return false }
    let anchor = state.anchor
    for path in run.checkpoints {
      guard let found = try? VerifiedCheckpoint(path, of: run), found.state.step == anchor,
        !found.state.isBetweenEpochs
      else { continue }
      let rollbacks = state.rollbacks + 1
      (state, parameters) = (found.state, found.checkpoint.parameters)
      state.rollbacks = rollbacks
      optimizer = Self.optimizer(configuration, parameters, found.checkpoint.optimizer)
      saving.goBack(to: found.state)
      if path != run.last { try FileSystem.remove(run.last) }
      for later in run.numbered("step-") where later > anchor { try FileSystem.remove(run.checkpoint(ofStep: later)) }
      if let best = state.best { try FileSystem.copy(run.best(ofEpoch: best.epoch), to: run.best) }
      observe(
        .warning(
          "\(divergence.place); the run goes back to step \(anchor) and on from there at 1/\(1 << rollbacks) of its rate"
        ))
      return true
    }
    return false
  }
}
