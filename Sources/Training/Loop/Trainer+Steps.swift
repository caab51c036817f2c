internal import Autodiff
internal import Distribution
internal import Kernels
internal import Layers
internal import Networks
internal import Optimizers
internal import Support
internal import Tensors

/// Steps and the ends of epochs.
extension Trainer {
  /// Consecutive skipped steps after which a run gives up.
  private static let mostSkippedInRow = 100

  /// The learning rate of a step, counted from 0, before the groups' multipliers.
  private func learningRate(ofStep step: Int) -> Double {
    let rate = configuration.schedule.learningRate(
      base: configuration.optimizer.learningRate, step: step, stepsPerEpoch: state.stepsPerEpoch,
      totalSteps: configuration.epochs(atStep: step) * state.stepsPerEpoch)
    return (0..<state.rollbacks).reduce(rate) { rate, _ in rate / 2 }
  }

  /// The parts of the batches of some steps that this process walks, with their targets, read ahead.
  func batches<Task: TrainingTask>(ofSteps steps: Range<Int>, for task: Task) -> Prefetcher<
    [TaskBatch<Task>], any Error
  > {
    let (plan, dataset, share) = (setup.plan, setup.dataset, (processes.rank, processes.size))
    return Prefetcher(batches: steps) { step in
      try plan.batches(ofStep: step, share: share).map { try TaskBatch($0, for: task, in: dataset) }
    }
  }

  /// One optimizer step over the parts of the next batch.
  func step<Task: TrainingTask>(
    _ task: Task, from batches: Prefetcher<[TaskBatch<Task>], any Error>, of total: Int, log: MetricsLog
  ) throws {
    let start = ContinuousClock.now
    let batch = try batch(task, from: batches)
    let waited = ContinuousClock.now - start
    let learningRate = learningRate(ofStep: state.step)
    optimizer.learningRate = learningRate
    let isSkippable = configuration.onNonFinite == .skip
    // Running statistics change on the way forward already.
    let statistics = isSkippable ? parameters.filter { !trained.contains($0.name) } : []
    let walked: Walked
    do {
      walked = processes.size == 1 ? try walkAll(task, batch) : try walkOwn(task, batch)
    } catch let divergence as Divergence where isSkippable {
      optimizer.reset()
      for (name, tensor) in statistics { parameters[name] = tensor }
      state.step += 1
      (state.skipped, state.skippedInRow) = (state.skipped + 1, state.skippedInRow + 1)
      guard state.skippedInRow < min(Self.mostSkippedInRow, state.stepsPerEpoch) else { throw divergence }
      observe(.warning("\(divergence.place); the step is skipped"))
      return
    }
    let (loss, counts) = walked
    state.step += 1
    state.skippedInRow = 0
    state.sums.add(loss: loss, samples: batch.samples.count, counts: counts)
    if let each = configuration.logEverySteps, state.step.isMultiple(of: each) {
      log.append(MetricsRecord(step: state.step, values: ["loss": loss, "learningRate": learningRate]))
      state.log = log.extent
    }
    observe(.step(state.step, of: total, loss: loss, learningRate: learningRate, waited: waited))
  }

  /// The mean loss of a step or a part, and what the task counted.
  typealias Walked = (loss: Double, counts: [String: Double])

  /// Forward and back through all parts of a batch, and the optimizer's step with the last one.
  private func walkAll<Task: TrainingTask>(_ task: Task, _ batch: StepBatch<Task>) throws -> Walked {
    var total: Walked = (0, [:])
    for (index, part) in batch.parts.enumerated() {
      let share = batch.share(ofPart: index)
      optimizer.begin(share: share, isLast: index == batch.count - 1)
      let walked = try walk(task, part, index, batch.samples, into: &optimizer)
      try requireFiniteGradients(batch.samples)
      total.loss += share * walked.loss
      total.counts.merge(walked.counts, uniquingKeysWith: +)
    }
    return total
  }

  /// Throws `Divergence` where the optimizer was handed a gradient that is not finite.
  func requireFiniteGradients(_ samples: [Int]) throws {
    guard let bad = optimizer.firstBad else { return }
    let name = parameters.name(at: bad)
    throw Divergence(
      step: state.step + 1, what: "the gradient of \(name) is not finite",
      layer: setup.network.layers.first { name.hasPrefix($0.path + ".") }?.path, samples: samples)
  }

  /// Forward and back through one part.
  ///
  /// - Parameters:
  ///   - index: the part's number in the batch.
  ///   - samples: of the whole batch.
  ///   - consumer: takes the gradients.
  ///   - moves: takes how running statistics are to move; nil moves them at once.
  func walk<Task: TrainingTask>(
    _ task: Task, _ part: TaskBatch<Task>, _ index: Int, _ samples: [Int], into consumer: inout some GradientConsumer,
    keeping moves: (([RunningStatistics]) -> Void)? = nil
  ) throws -> Walked {
    var seeds = RandomStream(
      seed: configuration.seed, keys: RandomStream.key("step"), UInt64(state.step), UInt64(index))
    let seed = seeds.next()
    let tape = Tape(
      parameters: parameters, mode: .training(seed: seed), precision: configuration.precision,
      keepsStatistics: moves != nil, isTrainable: trained.contains)
    parameters = Parameters()  // the tape alone holds them, so that they are updated in place
    let loss = task.loss(of: part, through: setup.network, on: tape)
    let value = Double(loss.mean.value.scalar)
    guard value.isFinite else {
      parameters = tape.finish()
      throw Divergence(
        step: state.step + 1, what: "the loss is \(value.isNaN ? .nan : value)",
        layer: firstBadLayer(part.input, seed: seed), samples: samples)
    }
    tape.backward(from: loss.mean, into: &consumer)
    moves?(tape.statistics ?? [])
    parameters = tape.finish()
    return (value, loss.counts)
  }

  /// The first layer that gives a number that is not finite; nil if none does.
  private func firstBadLayer(_ part: Batch, seed: UInt64) -> String? {
    guard Elementwise.isFinite(part.pixels) else { return "input" }
    let tape = Tape(
      parameters: parameters, mode: .training(seed: seed), precision: configuration.precision,
      isTrainable: { _ in false })
    var bad: String?
    _ = setup.network.forward(part.maps(on: tape), regions: part.regions, on: tape) { layer, activation in
      if bad == nil, !Elementwise.isFinite(activation.value) { bad = layer.path }
    }
    return bad
  }

  /// Validates if there is what to validate on, logs, and keeps the weights if they are among the best so far.
  ///
  /// Interrupted, it changes nothing; the resumed run then begins with it.
  func endEpoch<Task: TrainingTask>(
    _ task: Task, of epochs: Int, log: MetricsLog, shouldStop: (_ step: Int) -> Bool
  ) throws {
    let report = try setup.validation.isEmpty ? nil : validate(task, shouldStop: shouldStop)
    // Validation would see it; a loss is seen in the next step alone.
    if report == nil, let bad = parameters.first(where: { !Elementwise.isFinite($0.tensor) }) {
      throw Divergence(step: state.step, what: "the values of \(bad.name) are not finite")
    }
    let validation = report?.metrics ?? [:]
    let measured = TrainingState.Best(epoch: state.epoch, metrics: validation)
    // Without validation every epoch is the best so far; only those that are saved anyway are written.
    let isWanted =
      report != nil || state.epoch == epochs
      || configuration.checkpoint.isDue(atStep: state.step, stepsPerEpoch: state.stepsPerEpoch)
    let isAmongBest = isWanted && state.keep(measured, by: configuration.metrics(of: Task.self))
    var record = MetricsRecord(
      step: state.step,
      values: ["epoch": Double(state.epoch), "learningRate": learningRate(ofStep: state.step - 1)])
    // The log shows how long the run then was.
    if (configuration.extensions ?? []).contains(where: { $0.afterStep < state.step }) {
      record.values["epochs"] = Double(configuration.epochs(atStep: state.step - 1))
    }
    for metrics in [state.sums.metrics(of: task).keyed(.train), validation.keyed(.validation)] {
      record.values.merge(metrics) { $1 }
    }
    state.sums = EpochSums(counting: Task.counts)
    log.append(record)
    state.log = log.extent
    if isAmongBest, processes.isFirst { try checkpoints.keepBest(parameters, of: state) }
    observe(.epoch(state.epoch, of: epochs, record))
  }

  private func validate<Task: TrainingTask>(
    _ task: Task, shouldStop: (_ step: Int) -> Bool
  ) throws -> Task.Report {
    let evaluator = Evaluator(
      network: setup.network, parameters: parameters, data: configuration.data, batch: max(configuration.data.batch, 64)
    )
    let report = try evaluator.tally(
      of: task, on: setup.dataset, samples: setup.validation, shouldStop: { shouldStop(state.step) }
    ).report
    guard report.hasPredictions else {
      throw Divergence(step: state.step, what: "no validation prediction is finite")
    }
    return report
  }
}
