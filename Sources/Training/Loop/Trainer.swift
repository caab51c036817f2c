internal import Autodiff
internal import Foundation
internal import Kernels
internal import Layers
internal import Optimizers
internal import Storage
internal import Tensors

/// The one training loop: steps, validation at the end of each epoch, checkpoints, and the run's log.
///
/// A run's result depends on its configuration, its data and its environment alone; a run that was stopped at any step and
/// resumed gives the same bits as one that was not.
package final class Trainer {
  private let run: RunDirectory
  private let setup: TrainingSetup
  private let observe: (TrainingEvent) -> Void
  private var state: TrainingState
  private var parameters: Parameters
  private var optimizer: Optimizer
  /// Names of the parameters that gradients change.
  private let trained: Set<String>
  /// The best weights, until they are on the disk.
  private var unsavedBest: (parameters: Parameters, state: String)?

  private var configuration: Configuration { state.configuration }

  /// A run from its first step.
  ///
  /// - Throws: `StorageError`, `TrainingError` or `RunError` for data, weights or a directory that cannot be used.
  package convenience init(
    _ configuration: Configuration, run: RunDirectory, observe: @escaping (TrainingEvent) -> Void = { _ in }
  ) throws {
    let configuration = try configuration.resolved()
    let setup = try TrainingSetup(configuration)
    var given = Parameters()
    if let weights = configuration.weights {
      let transfer = try setup.transfer(weights.use)
      let file = try WeightsFile(opening: weights)
      let plan = try LoadingPlan(
        network: transfer.wanted.map { ($0.name, $0.shape) },
        flattened: file.flattenOrder == .chw ? setup.flattenedMaps(of: transfer.source) : nil, from: file,
        leaving: transfer.patterns + weights.leave, renaming: weights.rename)
      observe(.loaded(plan, from: weights.from))
      let (taken, notes) = transfer.parameters(from: try plan.load())
      for note in notes { observe(.adapted(note)) }
      given = taken
    }
    let parameters = setup.network.initialParameters(seed: configuration.seed, given: given)
    let state = TrainingState(
      configuration: configuration, environment: .current(threads: configuration.threads),
      classNames: setup.dataset.classNames, channels: setup.channels, hasBoxes: setup.hasBoxes,
      sampleCount: setup.plan.samples.count, stepsPerEpoch: setup.plan.stepsPerEpoch, features: setup.features)
    self.init(run, setup, state, parameters, velocities: Parameters(), observe)
  }

  /// The run in a directory, from its checkpoint, or from the beginning if it has none yet.
  ///
  /// - Throws: as the other, and `StorageError` for a damaged checkpoint.
  package convenience init(
    resuming run: RunDirectory, observe: @escaping (TrainingEvent) -> Void = { _ in }
  ) throws {
    let configuration = try run.loadConfiguration()
    guard run.hasCheckpoint else {
      guard try run.loadResult() == nil else {
        throw TrainingError(
          "\(run.last): it is not there, and the run is finished: it cannot go on without its checkpoint; put it back, or "
            + "start a new run")
      }
      if FileManager.default.fileExists(atPath: run.best) {
        observe(.warning("\(run.last) is not there: the run begins anew"))
      }
      try self.init(configuration, run: run, observe: observe)
      return
    }
    let checkpoint = try Checkpoint(reading: run.last)
    let state = try TrainingState(json: checkpoint.state, path: run.last)
    let setup = try TrainingSetup(state.configuration)
    try state.requireSame(setup, path: run.last)
    let now = TrainingState.Environment.current(threads: state.environment.threads)
    if now != state.environment {
      observe(
        .warning(
          "the run began with oneDNN \(state.environment.oneDNN) on \(state.environment.instructionSet), this is "
            + "\(now.oneDNN) on \(now.instructionSet): its bits may differ from here on"))
    }
    let processors = ProcessInfo.processInfo.activeProcessorCount
    if state.environment.threads > processors {
      observe(.warning("the run uses \(state.environment.threads) threads, this machine has \(processors) processors"))
    }
    observe(.resumed(step: state.step, epoch: state.epoch))
    self.init(run, setup, state, checkpoint.parameters, velocities: checkpoint.velocities, observe)
  }

  private init(
    _ run: RunDirectory, _ setup: TrainingSetup, _ state: TrainingState, _ parameters: Parameters,
    velocities: Parameters, _ observe: @escaping (TrainingEvent) -> Void
  ) {
    (self.run, self.setup, self.state, self.parameters, self.observe) = (run, setup, state, parameters, observe)
    trained = setup.network.trainedParameters(freezing: state.configuration.freeze)
    optimizer = Optimizer(state.configuration.optimizer, names: parameters.names, velocities: velocities)
    ThreadPool.configure(threads: state.environment.threads)
  }

  /// Trains until so many epochs are done (the configuration's number unless told otherwise).
  ///
  /// - Parameter shouldStop: looked at after each step and while an epoch is validated; the default is whether a signal came.
  /// - Returns: the result, also written to the run's directory, or nil if the configuration's epochs are not all done.
  /// - Throws: `Interruption.stopped` once the state is saved, if it was to stop; `Divergence` if the loss is no number.
  @discardableResult
  package func train(
    until epochs: Int? = nil, shouldStop: (_ step: Int) -> Bool = { _ in Interruption.isRequested }
  ) throws -> RunResult? {
    let epochs = epochs ?? configuration.epochs
    let total = epochs * state.stepsPerEpoch
    let metrics = try MetricsLog(path: run.metrics, keepingThrough: state.step)
    let plan = setup.plan
    let batches = Prefetcher(state.step..<max(total, state.step)) { try plan.batches(ofStep: $0) }
    defer { batches.stop() }
    do {
      if state.isBetweenEpochs { try endEpoch(of: epochs, log: metrics, shouldStop: shouldStop) }
      while state.step < total {
        try step(try batches.next(), of: total)
        if state.isBetweenEpochs { try endEpoch(of: epochs, log: metrics, shouldStop: shouldStop) }
        if state.step < total, shouldStop(state.step) { throw Interruption.stopped }
      }
    } catch Interruption.stopped {
      try save(metrics)
      throw Interruption.stopped
    } catch let divergence as Divergence {
      try RunDirectory.writeJSON(RunResult(divergedAt: divergence.step), to: run.result)
      throw divergence
    }
    guard state.epoch >= configuration.epochs, let best = state.best else { return nil }
    let result = RunResult(
      epochs: state.epoch, steps: state.step, bestEpoch: best.epoch, validationAccuracy: best.accuracy,
      validationLoss: best.loss)
    try RunDirectory.writeJSON(result, to: run.result)
    return result
  }

  /// The rate of a step, counted from 0, before the groups' multipliers.
  private func rate(ofStep step: Int) -> Double {
    configuration.schedule.rate(
      base: configuration.optimizer.rate, step: step, stepsPerEpoch: state.stepsPerEpoch,
      totalSteps: configuration.epochs * state.stepsPerEpoch)
  }

  /// One optimizer step over the parts of a batch.
  private func step(_ parts: [Batch], of total: Int) throws {
    let rate = rate(ofStep: state.step)
    optimizer.sgd.rate = rate
    let samples = parts.reduce(0) { $0 + $1.labels.count }
    var loss = 0.0
    for (index, part) in parts.enumerated() {
      let share = Double(part.labels.count) / Double(samples)
      optimizer.begin(share: share, isLast: index == parts.count - 1)
      loss += share * (try walk(part, index))
    }
    state.step += 1
    state.epochLoss += loss * Double(samples)
    state.epochSamples += samples
    observe(.step(state.step, of: total, loss: loss, rate: rate))
  }

  /// Forward and back through one part; returns its mean loss.
  private func walk(_ part: Batch, _ index: Int) throws -> Double {
    var seeds = RandomStream(
      seed: configuration.seed, keys: RandomStream.key("step"), UInt64(state.step), UInt64(index))
    let tape = Tape(parameters: parameters, mode: .training(seed: seeds.next()), isTrainable: trained.contains)
    parameters = Parameters()  // the tape alone holds them, so that they are updated in place
    let images = FeatureMaps(tape.constant(part.pixels), part.extents, scale: part.scale)
    let logits = setup.network.forward(images, regions: part.regions, on: tape)
    let loss = tape.softmaxCrossEntropy(logits, labels: part.labels)
    let value = Double(loss.value.scalar)
    guard value.isFinite else {
      throw Divergence(step: state.step + 1, loss: value, samples: part.samples)
    }
    state.epochCorrect += CrossEntropy.correct(logits.value, labels: part.labels)
    tape.backward(from: loss, into: &optimizer)
    parameters = tape.finish()
    return value
  }

  /// Validates, logs, keeps the weights if they are the best so far, and saves if it is time to.
  ///
  /// Interrupted, it changes nothing; the resumed run then begins with it.
  private func endEpoch(of epochs: Int, log: MetricsLog, shouldStop: (_ step: Int) -> Bool) throws {
    let evaluator = Evaluator(
      network: setup.network, parameters: parameters, classNames: state.classNames,
      data: configuration.data, batch: max(configuration.data.batch, 64))
    let report = try evaluator.tally(
      on: setup.dataset, samples: setup.validation, shouldStop: { shouldStop(state.step) }
    ).report
    guard report.loss != nil else { throw Divergence(step: state.step, loss: .nan, samples: []) }
    let measured = TrainingState.Best(epoch: state.epoch, accuracy: report.accuracy, loss: report.loss)
    if state.best?.isBeaten(by: measured) ?? true {
      state.best = measured
      unsavedBest = (parameters, try state.json)
    }
    let record = MetricsRecord(
      step: state.step,
      values: [
        "epoch": Double(state.epoch), "rate": rate(ofStep: state.step - 1),
        "trainLoss": state.epochLoss / Double(state.epochSamples),
        "trainAccuracy": Double(state.epochCorrect) / Double(state.epochSamples),
        "validationLoss": report.loss ?? .nan, "validationAccuracy": report.accuracy,
      ])
    (state.epochLoss, state.epochCorrect, state.epochSamples) = (0, 0, 0)
    try log.append(record)
    observe(.epoch(state.epoch, of: epochs, record))
    if state.epoch.isMultiple(of: configuration.checkpoint.everyEpochs) || state.epoch == epochs { try save(log) }
  }

  /// Puts log, best weights and state on the disk, in this order, so that what the state speaks of is there.
  private func save(_ metrics: MetricsLog) throws {
    try metrics.flush()
    let json = try state.json
    if let best = unsavedBest {
      try WeightsFile.write(best.parameters, to: run.best, notes: ["bulkhead_state": best.state])
      unsavedBest = nil
    }
    try Checkpoint(parameters: parameters, velocities: optimizer.sgd.state, state: json).write(to: run.last)
    observe(.saved(path: run.last, step: state.step))
  }
}

extension TrainingState {
  /// The description as JSON with sorted keys.
  var json: String { get throws { try RunDirectory.json(self) } }

  /// - Throws: `TrainingError` for another version or something else.
  package init(json: String, path: String) throws {
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
    do { self = try JSONDecoder().decode(Self.self, from: data) } catch {
      throw TrainingError("\(path): its state cannot be read: \(error)")
    }
  }

  /// Throws if the dataset is no longer the one that the run began on.
  func requireSame(_ setup: TrainingSetup, path: String) throws {
    guard classNames == setup.dataset.classNames, sampleCount == setup.plan.samples.count,
      channels == setup.channels, stepsPerEpoch == setup.plan.stepsPerEpoch
    else {
      throw TrainingError(
        "\(path): the run was trained on other data than \(configuration.data.path) now holds; expected \(sampleCount) "
          + "training samples of \(classNames.count) classes; put the dataset back or start a new run")
    }
  }
}
