internal import Datasets
internal import Foundation
internal import Layers
internal import Networks
internal import Support
internal import Tensors
internal import Weights

/// The verification of a run's directory: every file against its checksums and against the others.
package struct RunVerification {
  /// The result of one check.
  package struct Finding: Sendable, Equatable {
    /// The file.
    package var path: String
    /// What the file holds, or what is wrong with it.
    package var text: String
    /// Whether the check passed.
    package var isGood: Bool
  }

  /// The results of the checks, in order.
  package private(set) var findings: [Finding] = []
  private let shouldStop: () -> Bool

  /// Whether every check passed.
  package var isGood: Bool { findings.allSatisfy(\.isGood) }

  /// Looks at configuration, checkpoints, log, best weights, result and dataset; each is read whole.
  ///
  /// - Parameters:
  ///   - dataPath: the path of the dataset; nil is the configuration's.
  ///   - shouldStop: polled before each file.
  /// - Throws: `Interruption.stopped` if a stop was requested.
  package init(
    _ run: RunDirectory, dataPath: String? = nil, shouldStop: @escaping () -> Bool = { false }
  ) throws {
    self.shouldStop = shouldStop
    let configuration = try look(run.configuration) {
      let configuration = try run.loadConfiguration()
      return (configuration, "a configuration of \(configuration.epochs) epochs")
    }
    var newest: TrainingState?
    for path in run.checkpoints {
      let state = try look(path) {
        let found = try VerifiedCheckpoint(path, of: run)
        if let configuration { try found.state.requireSame(configuration, path: run.configuration) }
        let tensors =
          "\(found.checkpoint.parameters.count) parameters, \(found.checkpoint.optimizer.count) optimizer tensors"
        return (found.state, "the checkpoint of step \(found.state.step), \(tensors)")
      }
      newest = newest ?? state
    }
    if run.checkpoints.isEmpty { note(run.last, "there is no checkpoint", isGood: try run.loadResult() == nil) }
    if FileManager.default.fileExists(atPath: run.metrics) {
      try look(run.metrics) { ((), "\(try MetricsLog.records(in: run.metrics).count) records") }
    }
    for path in [run.best] + run.numbered("best-epoch-").sorted().map(run.best(ofEpoch:))
    where newest?.best != nil || FileManager.default.fileExists(atPath: path) {
      try look(path) { ((), try Self.text(ofWeights: path, of: run)) }
    }
    if FileManager.default.fileExists(atPath: run.result) {
      try look(run.result) { ((), try Self.text(ofResult: run, newest)) }
    }
    if let path = dataPath ?? configuration?.data.path {
      try look(path) { ((), try Self.text(ofData: path, newest)) }
    }
  }

  @discardableResult
  private mutating func look<Value>(_ path: String, _ body: () throws -> (Value, String)) throws -> Value? {
    if shouldStop() { throw Interruption.stopped }
    do {
      let (value, text) = try body()
      note(path, text, isGood: true)
      return value
    } catch {
      note(path, "\(error)", isGood: false)
      return nil
    }
  }

  private mutating func note(_ path: String, _ text: String, isGood: Bool) {
    findings.append(Finding(path: path, text: text, isGood: isGood))
  }

  private static func text(ofWeights path: String, of run: RunDirectory) throws -> String {
    try WeightsFile.requireChecksum(of: path)
    let file = try WeightsFile(opening: path)
    guard let json = try file.note(WeightsFile.stateNote) else {
      throw TrainingError("\(path): it has no state of a run")
    }
    let state = try TrainingState(json: json, path: path, layers: run.layers)
    let network = try state.network()
    _ = try LoadingPlan(network: network.parameters.map { ($0.name, $0.shape) }, from: file).load()
    return "the weights of epoch \(state.epoch), \(file.tensors.count) tensors"
  }

  private static func text(ofResult run: RunDirectory, _ newest: TrainingState?) throws -> String {
    let result = try JSONFile.read(RunResult.self, from: run.result)
    if let step = result.divergedAt { return "the run diverged at step \(step)" }
    if let newest, newest.step < result.steps {
      throw TrainingError("\(run.result): is of step \(result.steps), the newest checkpoint of step \(newest.step)")
    }
    return "the result of \(result.epochs) epochs"
  }

  private static func text(ofData path: String, _ newest: TrainingState?) throws -> String {
    let dataset = try Dataset(opening: path)
    try dataset.verify()
    if let change = newest?.difference(from: dataset) {
      throw TrainingError("\(path): is not the dataset that the run was trained on: \(change)")
    }
    return "the dataset, \(dataset.imageCount) images, \(dataset.sampleCount) regions"
  }
}
