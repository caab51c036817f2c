internal import Datasets
internal import Distribution
internal import Kernels
internal import Layers
internal import Networks
internal import Optimizers
internal import Support
internal import Tensors

/// The training loop: steps, validation at the end of each epoch, checkpoints, and the metrics log.
///
/// A run's result depends on its configuration, its data and its environment alone; a run that was stopped at any step and
/// resumed is bit-for-bit identical to one that was not.
package final class Trainer {
  let run: RunDirectory
  let setup: TrainingSetup
  let observe: (TrainingEvent) -> Void
  var state: TrainingState
  var parameters: Parameters
  var optimizer: Optimizer
  /// Names of the trained parameters.
  let trained: Set<String>
  var checkpoints: CheckpointManager
  /// The thread pool of the run, of as many threads as its configuration says.
  let pool: ThreadPool
  /// The processes that train the run together. The first one alone writes files.
  var processes: any Communicator = SingleProcess()

  var configuration: Configuration { state.configuration }

  /// A run from its first step.
  ///
  /// - Parameters:
  ///   - dataPath: the path of the dataset; nil is the configuration's.
  ///   - task: the task; nil is the configuration's.
  /// - Throws: `FileError`, `TrainingError` or `RunError` for data, weights or a directory that cannot be used.
  package convenience init(
    _ configuration: Configuration, run: RunDirectory, dataPath: String? = nil, task: (any TrainingTask.Type)? = nil,
    observe: @escaping (TrainingEvent) -> Void = { _ in }
  ) throws {
    let configuration = try configuration.resolved()
    let pool = ThreadPool(threads: configuration.threads)
    let (setup, parameters) = try pool.use {
      try Self.begin(configuration, dataPath: dataPath, task: task, layers: run.layers, observe)
    }
    let state = TrainingState(
      configuration: configuration, environment: .current(threads: configuration.threads),
      task: setup.task, classNames: setup.dataset.classNames, images: setup.dataset.preparation,
      channels: setup.channels, hasBoxes: setup.hasBoxes, checksums: setup.dataset.checksums,
      stepsPerEpoch: setup.plan.stepsPerEpoch, features: setup.features)
    self.init(run, setup, state, parameters, optimizer: Parameters(), saved: nil, pool, observe)
  }

  /// A run's data and its initial weights.
  private static func begin(
    _ configuration: Configuration, dataPath: String?, task: (any TrainingTask.Type)?, layers: LayerRegistry,
    _ observe: (TrainingEvent) -> Void
  ) throws -> (TrainingSetup, Parameters) {
    let setup = try TrainingSetup(configuration, dataPath: dataPath, task: task, layers: layers)
    if let features = setup.features {
      let path = setup.dataset.path
      observe(.adapted(try features.compared(with: configuration.weights, path: path, layers: layers)))
    }
    let given = try setup.givenParameters(layers: layers, observe)
    for warning in setup.warnings(loaded: Set(given.names)) { observe(.warning(warning)) }
    return (setup, setup.network.initialParameters(seed: configuration.seed, given: given))
  }

  /// - Parameter saved: what `last.h5` holds.
  init(
    _ run: RunDirectory, _ setup: TrainingSetup, _ state: TrainingState, _ parameters: Parameters,
    optimizer tensors: Parameters, saved: TrainingState?, _ pool: ThreadPool,
    _ observe: @escaping (TrainingEvent) -> Void
  ) {
    (self.run, self.setup, self.state, self.parameters, self.observe) = (run, setup, state, parameters, observe)
    trained = setup.network.trainedParameters(freezing: state.configuration.freeze)
    optimizer = Self.optimizer(state.configuration, parameters, tensors)
    checkpoints = CheckpointManager(run, last: saved, observe: observe)
    self.pool = pool
  }

  static func optimizer(_ configuration: Configuration, _ parameters: Parameters, _ state: Parameters) -> Optimizer {
    Optimizer(
      configuration.optimizer, names: parameters.names, state: state,
      isAllOrNothing: configuration.onNonFinite == .skip)
  }

  /// Trains until a number of epochs is done, at most the configuration's, which is the default.
  ///
  /// - Parameter shouldStop: polled after each step and while an epoch is validated.
  /// - Returns: the result, also written to the run's directory, or nil if there are epochs left.
  /// - Throws: `TrainingError` for more epochs than the run has, `Interruption.stopped` once the state is saved, if a stop was requested; `Divergence` if a number is not finite.
  @discardableResult
  package func train(
    until epochs: Int? = nil, shouldStop: (_ step: Int) -> Bool = { _ in false }
  ) throws -> RunResult? {
    try Self.requireEpochs(epochs, in: configuration, of: run)
    // A save in progress is always finished.
    defer { checkpoints.close() }
    let processes = processes
    if processes.size > 1 {
      let last = epochs ?? configuration.epochs
      try processes.requireSame("number of epochs to do", "\(last)", "start all with the same options")
    }
    return try pool.use {
      try trainToEnd(of: epochs ?? configuration.epochs) { step in
        let isRequested = shouldStop(step)
        return processes.size == 1 ? isRequested : processes.any(isRequested)
      }
    }
  }

  private func trainToEnd(of epochs: Int, _ shouldStop: (_ step: Int) -> Bool) throws -> RunResult? {
    var log = try openLog()
    if configuration.onNonFinite == .rollback, checkpoints.last == nil { try saveAndWait(log) }
    while true {
      do {
        try advance(setup.task, to: epochs, log: log, shouldStop: shouldStop)
        try saveAndWait(log)
        for copy in log.copies { finish(copy) }
        break
      } catch Interruption.stopped {
        try saveAndWait(log)
        for copy in log.copies { finish(copy) }
        throw Interruption.stopped
      } catch var divergence as Divergence {
        checkpoints.finish()
        divergence.checkpoint = checkpoints.last?.step
        if try rollBack(after: divergence) {
          log = try openLog()
          continue
        }
        let result = RunResult(
          divergedAt: divergence.step, metrics: configuration.metrics(of: type(of: setup.task)))
        if processes.isFirst { try JSONFile.write(result, to: run.result) }
        throw divergence
      }
    }
    guard state.epoch >= configuration.epochs || state.isOutOfPatience, let best = state.best else { return nil }
    let result = RunResult(
      epochs: state.epoch, steps: state.step, bestEpoch: best.epoch, validation: best.metrics)
    if processes.isFirst { try JSONFile.write(result, to: run.result) }
    crashPoint("result")
    return result
  }

  /// The log up to the state, with its copies as they follow from it.
  private func openLog() throws -> MetricsLog {
    guard processes.isFirst else { return MetricsLog(elsewhere: state.log) }
    let log = try MetricsLog(path: run.metrics, keeping: state.log)
    let records = try MetricsLog.records(in: run.metrics)
    log.copies = [try MetricsTable(run.metricsTable, of: run.metrics, records)]
    if configuration.tensorBoard { log.copies.append(try EventLog(run.events, records)) }
    return log
  }

  private func finish(_ copy: any MetricsCopy) {
    do { try copy.write() } catch {
      observe(.warning("the metrics cannot be copied: \(error); resume the run to copy them"))
    }
  }

  /// Steps and ends of epochs, with a save started when one is due.
  private func advance(
    _ task: some TrainingTask, to epochs: Int, log: MetricsLog, shouldStop: (_ step: Int) -> Bool
  ) throws {
    let total = epochs * state.stepsPerEpoch
    let batches = batches(ofSteps: state.step..<max(total, state.step), for: task)
    defer { batches.stop() }
    if state.isBetweenEpochs {
      try endEpoch(task, of: epochs, log: log, shouldStop: shouldStop)
      saveIfDue(log)
    }
    while state.step < total, !state.isOutOfPatience {
      try step(task, from: batches, of: total, log: log)
      crashPoint("step")
      if state.isBetweenEpochs { try endEpoch(task, of: epochs, log: log, shouldStop: shouldStop) }
      saveIfDue(log)
      if state.step < total, shouldStop(state.step) { throw Interruption.stopped }
    }
  }
}
