internal import Support
internal import Tensors
internal import Weights

/// A checkpoint that was read completely and belongs to its run.
struct VerifiedCheckpoint {
  let path: String
  let checkpoint: Checkpoint
  var state: TrainingState

  /// - Throws: `FileError` or `TrainingError` if the file is damaged, or the run's log lacks what was measured before it.
  init(_ path: String, of run: RunDirectory) throws {
    self.path = path
    checkpoint = try Checkpoint(reading: path)
    state = try TrainingState(json: checkpoint.state, path: path, layers: run.layers)
    try MetricsLog.verify(run.metrics, begins: state.log)
    try requireOptimizer()
  }

  /// Throws unless the optimizer's tensors, named by kind and parameter, are shaped as their parameters; `step/NAME` is one
  /// whole number.
  private func requireOptimizer() throws(FileError) {
    for (name, tensor) in checkpoint.optimizer {
      let kind = name.prefix { $0 != "/" }
      let parameter = checkpoint.parameters[String(name.dropFirst(kind.count + 1))]
      let isRight =
        kind == "step"
        ? tensor.shape == [1] && parameter != nil && (0...0x1p24).contains(tensor[0])
          && tensor[0].rounded() == tensor[0]
        : tensor.shape == parameter?.shape
      guard isRight else {
        throw FileError(
          what: "its optimizer state \(name) of shape \(tensor.shape) fits no parameter", path: path,
          expected: parameter.map { kind == "step" ? "a whole number" : "shape \($0.shape)" } ?? "a known parameter",
          action: "take an earlier file or a copy")
      }
    }
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
