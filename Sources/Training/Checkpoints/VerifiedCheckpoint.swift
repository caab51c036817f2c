internal import Weights

/// A checkpoint that was read completely and belongs to its run.
struct VerifiedCheckpoint {
  let path: String
  let checkpoint: Checkpoint
  let state: TrainingState

  /// - Throws: `FileError` or `TrainingError` if the file is damaged, or the run's log lacks what was measured before it.
  init(_ path: String, of run: RunDirectory) throws {
    self.path = path
    checkpoint = try Checkpoint(reading: path)
    state = try TrainingState(json: checkpoint.state, path: path, layers: run.layers)
    try MetricsLog.verify(run.metrics, begins: state.log)
  }
}

extension VerifiedCheckpoint {
  /// The newest checkpoint of a run that verifies; nil if there is none at all.
  ///
  /// - Parameter reject: called with the reason for each newer one that does not.
  /// - Throws: `TrainingError` if there are checkpoints and none of them verifies.
  static func newest(of run: RunDirectory, reject: (String) -> Void = { _ in }) throws -> VerifiedCheckpoint? {
    let paths = run.checkpoints
    var reasons: [String] = []
    for path in paths {
      do {
        let found = try VerifiedCheckpoint(path, of: run)
        for reason in reasons { reject("not used: \(reason)") }
        if !reasons.isEmpty { reject("resuming from \(path) instead, step \(found.state.step)") }
        return found
      } catch { reasons.append("\(error)") }
    }
    guard !paths.isEmpty else { return nil }
    throw TrainingError("\(run.path): no checkpoint of this run can be used: \(reasons.joined(separator: "; "))")
  }
}
