internal import Support

/// The checkpoints that a run keeps besides its newest one and its best weights.
struct Retention: Sendable {
  /// The newest checkpoints, `last.h5` among them.
  let keepLast: Int
  /// A step whose checkpoint stays however old it is.
  let anchor: Int?
  /// Epochs whose weights are kept under their number.
  let epochs: [Int]

  init(of state: TrainingState) {
    let checkpoint = state.configuration.checkpoint
    let canGoBack = state.configuration.onNonFinite == .rollback
    keepLast = checkpoint.keepLast
    anchor = canGoBack ? state.anchor : nil
    epochs = checkpoint.keepBest > 1 || canGoBack ? state.kept.map(\.epoch) + state.anchoredEpochs : []
  }
}

extension RunDirectory {
  /// Removes checkpoints that are no longer kept; a failed removal is retried at the next save.
  ///
  /// - Parameter step: of `last.h5`.
  func removeSpent(besides step: Int, _ retention: Retention) {
    let earlier = numbered("step-").sorted(by: >)
    let others = earlier.filter { $0 != step }
    let spent = others.dropFirst(retention.keepLast - 1).filter { $0 != retention.anchor }
    for old in spent + earlier.filter({ $0 == step }) {
      try? FileSystem.remove(checkpoint(ofStep: old))
    }
    for epoch in numbered("best-epoch-") where !retention.epochs.contains(epoch) {
      try? FileSystem.remove(best(ofEpoch: epoch))
    }
  }
}
