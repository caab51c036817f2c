internal import Datasets
internal import Foundation
internal import Kernels
package import Layers
internal import Serialization
internal import Support
internal import Weights

/// Resuming runs.
extension Trainer {
  /// The run in a directory, from its newest checkpoint that verifies, or from the beginning if it has none yet.
  ///
  /// - Parameters:
  ///   - dataPath: the path of the dataset, which must be the same; nil is the configuration's.
  ///   - task: the task, which must be the same; nil is the configuration's.
  ///   - epochs: the run's new number of epochs, at least the one that it has; nil leaves it.
  /// - Throws: as for a new run, and `TrainingError` if no checkpoint can be used, or configuration or data were changed.
  package convenience init(
    resuming run: RunDirectory, dataPath: String? = nil, task: (any TrainingTask.Type)? = nil,
    extendingTo epochs: Int? = nil,
    observe: @escaping (TrainingEvent) -> Void = { _ in }
  ) throws {
    let configuration = try run.loadConfiguration()
    run.removeFragments()
    guard let found = try VerifiedCheckpoint.newest(of: run, reject: { observe(.warning($0)) }) else {
      guard try run.loadResult() == nil else {
        throw TrainingError(
          "\(run.last): it is missing, and the run is finished: it cannot resume without its checkpoint; restore it, or "
            + "start a new run")
      }
      if FileManager.default.fileExists(atPath: run.best) {
        observe(.warning("\(run.last) is missing: the run starts over"))
      }
      try self.init(configuration, run: run, dataPath: dataPath, task: task, observe: observe)
      if let epochs { state = try Self.extended(state, to: epochs, of: run) }
      try recordExtension(from: configuration.resolved())
      return
    }
    try found.state.requireSame(configuration, path: run.configuration)
    if found.state.best != nil, let damage = run.damageOfBest {
      guard try run.loadResult()?.divergedAt != nil || run.loadResult() == nil else {
        throw TrainingError(
          "\(damage); the run is finished, and resuming cannot restore the weights of epoch "
            + "\(found.state.best?.epoch ?? 0): restore the file from a copy, or evaluate the last ones with --weights last"
        )
      }
      observe(.warning("\(damage); unless a later epoch is better, the run ends without its best weights"))
    }
    var current = found
    current.state.configuration = try configuration.resolved()
    if let epochs { current.state = try Self.extended(current.state, to: epochs, of: run) }
    for warning in found.state.environment.warnings { observe(.warning(warning)) }
    observe(.resumed(step: found.state.step, epoch: found.state.epoch))
    let saved = found.path == run.last ? found.state : nil
    // A process that was killed right after its save did not do this.
    if saved != nil { run.removeSpent(besides: found.state.step, Retention(of: found.state)) }
    try self.init(run, from: current, dataPath: dataPath, task: task, saved: saved, observe)
    try recordExtension(from: configuration.resolved())
    try removeOldResult()
  }

  /// The state of a checkpoint, in a directory that need not be the checkpoint's.
  convenience init(
    _ run: RunDirectory, from found: VerifiedCheckpoint, dataPath: String?, task: (any TrainingTask.Type)?,
    saved: TrainingState?,
    _ observe: @escaping (TrainingEvent) -> Void
  ) throws {
    _ = try found.state.task(task, path: found.path)
    let pool = ThreadPool(threads: found.state.environment.threads)
    let setup = try pool.use {
      try TrainingSetup(found.state.configuration, dataPath: dataPath, task: task, layers: run.layers)
    }
    try found.state.requireSame(setup, path: found.path)
    self.init(
      run, setup, found.state, found.checkpoint.parameters, optimizer: found.checkpoint.optimizer, saved: saved, pool,
      observe)
  }
}

extension RunDirectory {
  /// What is wrong with the file of the best weights; nil where it is sound.
  fileprivate var damageOfBest: String? {
    do {
      try WeightsFile.requireChecksum(of: best)
      return nil
    } catch { return "\(error)" }
  }
}

extension TrainingState {
  /// The description as JSON with sorted keys.
  var json: String { get throws { try JSONFile.text(of: self) } }

  /// - Parameter layers: the kinds of layers that its network can have.
  /// - Throws: `TrainingError` for another version or something else.
  package init(json: String, path: String, layers: LayerRegistry = .standard) throws {
    struct Version: Decodable { var version: Int }
    let data = Data(json.utf8)
    guard let found = try? JSONDecoder().decode(Version.self, from: data) else {
      throw TrainingError("\(path): its state cannot be read; expected what bulkhead train wrote")
    }
    guard found.version == Self.version else {
      throw TrainingError(
        "\(path): its state has version \(found.version), expected \(Self.version); resume with the program that wrote it"
      )
    }
    let decoder = JSONDecoder()
    decoder.userInfo.merge(layers.userInfo) { $1 }
    do { self = try decoder.decode(Self.self, from: data) } catch {
      throw TrainingError("\(path): its state cannot be read: \(error)")
    }
  }

  /// Throws if a run's configuration is no longer the one that it began with, or this one extended after this state.
  func requireSame(_ other: Configuration, path: String) throws {
    // A file may still name a Keras model whose layers the state holds.
    guard other != configuration, try other.resolved() != configuration,
      try !other.resolved().extends(configuration, afterStep: step)
    else { return }
    let (before, now) = (try YAMLText.lines(of: configuration), try YAMLText.lines(of: other.resolved()))
    let change = zip(before, now).first { $0 != $1 }
    let words = change.map { "it has \($1), the run started with \($0)" } ?? "the run started with other keys"
    throw TrainingError(
      "\(path): was changed since the run started: \(words.replacing("  ", with: "")); restore it, or start a new run")
  }

  /// Throws if the dataset is no longer the one that the run began on.
  func requireSame(_ setup: TrainingSetup, path: String) throws {
    var change = difference(from: setup.dataset)
    if change == nil, features != setup.features { change = "feature maps of another backbone" }
    let isSame =
      channels == setup.channels && hasBoxes == setup.hasBoxes && stepsPerEpoch == setup.plan.stepsPerEpoch
    guard change == nil, isSame else {
      throw TrainingError(
        "\(path): the run was trained on other data than \(setup.dataset.path) now holds\(change.map { " (\($0))" } ?? ""); "
          + "restore the dataset, or start a new run")
    }
  }
}

extension TrainingState.Environment {
  /// What on this machine may change the run's bits, or slow it down.
  var warnings: [String] {
    var warnings: [String] = []
    let now = Self.current(threads: threads)
    if now != self {
      warnings.append(
        "the run started with oneDNN \(oneDNN) on \(instructionSet), this machine has \(now.oneDNN) on \(now.instructionSet): its bits "
          + "may differ from here on")
    }
    let processors = ProcessInfo.processInfo.activeProcessorCount
    if threads > processors {
      warnings.append("the run uses \(threads) threads, this machine has \(processors) processors")
    }
    return warnings
  }
}

extension YAMLText {
  fileprivate static func lines(of configuration: Configuration) throws -> [String] {
    try encode(configuration).split(separator: "\n").map(String.init)
  }
}
