internal import Support
internal import Tensors
internal import Weights

/// Weights of one of the best epochs that are not written yet.
struct BestWeights: Sendable {
  let epoch: Int
  /// Shared with the run until it changes them, or with a save's copy.
  var parameters: Parameters
  /// The state at the end of the epoch.
  let state: String
}

/// The contents of one save; it shares its tensors with the run until the run changes them.
struct CheckpointWrite: Sendable {
  let run: RunDirectory
  let step: Int
  let checkpoint: Checkpoint
  let bestWeights: [BestWeights]
  /// The best epoch, whose weights are `best.h5`; nil before the first validation.
  let bestEpoch: Int?
  let retention: Retention
  /// The step of the checkpoint that this one replaces as the newest; nil if there is none to keep.
  let previous: Int?

  /// Log, best weights, checkpoint, in this order, so that everything a checkpoint refers to exists.
  ///
  /// - Throws: `FileError` if something cannot be written; the previous checkpoint is then as it was.
  func callAsFunction() throws {
    crashPoint("save.begin")
    try MetricsLog.flush(run.metrics)
    crashPoint("save.log")
    for best in bestWeights {
      let notes: KeyValuePairs = [WeightsFile.stateNote: best.state]
      if retention.epochs.contains(best.epoch) {
        try WeightsFile.write(best.parameters, to: run.best(ofEpoch: best.epoch), notes: notes)
        crashPoint("save.best-epoch")
      }
      if best.epoch == bestEpoch {
        try WeightsFile.write(best.parameters, to: run.best, notes: notes)
        crashPoint("save.best")
      }
    }
    try checkpoint.write(to: run.last) {
      // Should it fail, an older checkpoint less is kept, and the new one all the same.
      if retention.keepLast > 1 || retention.anchor == previous, let previous, previous != step {
        try? FileSystem.move(run.last, to: run.checkpoint(ofStep: previous))
      }
      crashPoint("save.rotated")
    }
    crashPoint("save.written")
    run.removeSpent(besides: step, retention)
    crashPoint("save.done")
  }
}
