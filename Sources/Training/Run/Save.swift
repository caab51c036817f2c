internal import Foundation
internal import Storage
internal import Tensors

/// All that one save puts on the disk; it shares its tensors with the run until the run changes them.
struct Save: Sendable {
  /// Weights of an epoch among the best that are not on the disk yet.
  struct BestWeights: Sendable {
    let epoch: Int
    let parameters: Parameters
    /// The state at the epoch's end.
    let state: String
  }

  let run: RunDirectory
  let step: Int
  let checkpoint: Checkpoint
  let bestWeights: [BestWeights]
  /// The best epoch, whose weights are `best.h5`; nil before the first validation.
  let bestEpoch: Int?
  /// Epochs whose weights are kept under their number too.
  let keptEpochs: [Int]
  let keepLast: Int
  /// A step whose checkpoint stays however old it is.
  let anchor: Int?
  /// The step of the checkpoint that this one replaces as the newest; nil if there is none that is worth keeping.
  let previous: Int?

  /// Log, best weights, checkpoint, in this order, so that what a checkpoint speaks of is there.
  ///
  /// - Throws: `RunError` or `StorageError` if something cannot be written; the previous checkpoint is then as it was.
  func write() throws {
    crashPoint("save.begin")
    try MetricsLog.flush(run.metrics)
    crashPoint("save.log")
    for best in bestWeights {
      let notes: KeyValuePairs = ["bulkhead_state": best.state]
      if keptEpochs.contains(best.epoch) {
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
      if keepLast > 1 || anchor == previous, let previous, previous != step {
        _ = unsafe rename(run.last, run.checkpoint(ofStep: previous))
      }
      crashPoint("save.rotated")
    }
    crashPoint("save.written")
    removeSpent()
    crashPoint("save.done")
  }

  /// Removes what is neither among the newest nor among the best; what cannot be removed now is tried again next time.
  private func removeSpent() {
    let earlier = run.numbered("step-").sorted(by: >)
    let spent = earlier.filter { $0 != step }.dropFirst(keepLast - 1).filter { $0 != anchor }
    for old in spent + earlier.filter({ $0 == step }) {
      try? FileManager.default.removeItem(atPath: run.checkpoint(ofStep: old))
    }
    for epoch in run.numbered("best-epoch-") where !keptEpochs.contains(epoch) {
      try? FileManager.default.removeItem(atPath: run.best(ofEpoch: epoch))
    }
  }
}
