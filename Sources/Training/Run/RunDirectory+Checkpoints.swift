internal import Foundation
internal import Support
internal import Weights

/// The checkpoints of a run: `last.h5`, earlier ones named by their step, and the weights that validated best.
extension RunDirectory {
  /// The checkpoint of a step that is no longer the newest.
  func checkpoint(ofStep step: Int) -> String { file("step-\(step).h5") }
  /// The weights of one of several best epochs.
  func best(ofEpoch epoch: Int) -> String { file("best-epoch-\(epoch).h5") }

  /// The checkpoints that are there, the newest first.
  package var checkpoints: [String] {
    let earlier = numbered("step-").sorted(by: >).map(checkpoint(ofStep:))
    return (FileManager.default.fileExists(atPath: last) ? [last] : []) + earlier
  }

  package var hasCheckpoint: Bool { !checkpoints.isEmpty }

  /// Removes every checkpoint; the best weights stay.
  package func removeCheckpoints() throws {
    for path in checkpoints { try FileSystem.remove(path) }
  }

  /// The numbers of the files with this beginning, such as the 12 of `step-12.h5`.
  func numbered(_ beginning: String) -> [Int] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    return names.compactMap { name in
      guard name.hasPrefix(beginning), name.hasSuffix(".h5") else { return nil }
      return Int(name.dropFirst(beginning.count).dropLast(3))
    }
  }

  /// Removes what a killed process left half written; only for who holds the run.
  func removeFragments() {
    AtomicFile.removeAbandoned(in: file(""))
    try? FileSystem.remove(file("proof"))
  }
}

/// A checkpoint that was read whole and found to be of its run.
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

extension RunDirectory {
  /// The newest checkpoint that verifies; nil if there is none at all.
  ///
  /// - Parameter reject: called with the reason for each newer one that does not.
  /// - Throws: `TrainingError` if there are checkpoints and none of them verifies.
  func newestCheckpoint(reject: (String) -> Void = { _ in }) throws -> VerifiedCheckpoint? {
    let paths = checkpoints
    var reasons: [String] = []
    for path in paths {
      do {
        let found = try VerifiedCheckpoint(path, of: self)
        for reason in reasons { reject("not used: \(reason)") }
        if !reasons.isEmpty { reject("goes on from \(path) instead, of step \(found.state.step)") }
        return found
      } catch { reasons.append("\(error)") }
    }
    guard !paths.isEmpty else { return nil }
    throw TrainingError("\(path): no checkpoint of this run can be used: \(reasons.joined(separator: "; "))")
  }
}
