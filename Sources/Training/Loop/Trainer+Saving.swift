internal import Distribution
internal import Optimizers
internal import Support
internal import Weights

/// Saving and rollback.
extension Trainer {
  /// Rollbacks before a run gives up.
  private static let mostRollbacks = 10

  /// What is saved of the run as it is now; only to be lent, as another reference to a tensor would have it copied.
  private func contents(_ state: TrainingState) -> TrainedContents {
    TrainedContents(state: state, parameters: parameters, optimizer: optimizer.state, trained: trained)
  }

  /// Begins a save if one is due.
  func saveIfDue(_ log: MetricsLog) {
    if processes.isFirst { checkpoints.saveIfDue(&state, log, contents: contents) }
  }

  /// Saves the state unless it is saved already, and returns when it is on the disk.
  ///
  /// - Throws: `FileError` if it cannot be saved, after some tries.
  func saveAndWait(_ log: MetricsLog) throws {
    if processes.isFirst { try checkpoints.saveAndWait(contents(state), log) }
  }

  /// Rolls back to the last regular checkpoint, if the configuration asks for it and it exists.
  func rollBack(after divergence: Divergence) throws -> Bool {
    guard configuration.onNonFinite == .rollback, state.rollbacks < Self.mostRollbacks else { return false }
    let (anchor, rollbacks) = (state.anchor, state.rollbacks + 1)
    guard let found = try checkpoints.goBack(to: anchor) else { return false }
    (state, parameters) = (found.state, found.checkpoint.parameters)
    state.rollbacks = rollbacks
    optimizer = Self.optimizer(configuration, parameters, found.checkpoint.optimizer)
    observe(
      .warning(
        "\(divergence.place); the run rolls back to step \(anchor) and resumes at 1/\(1 << rollbacks) of its "
          + "learning rate"))
    return true
  }
}
