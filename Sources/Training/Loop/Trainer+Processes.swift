internal import Autodiff
internal import Distribution
internal import Kernels
internal import Optimizers
internal import Support
internal import Tensors

/// Steps of several processes: each walks its own parts of a batch, and all make the same step with the sums.
///
/// Everything that a result depends on is added up in the order of parts, so that the number of processes changes no bit.
extension Trainer {
  /// The next batch: this process's parts, and what the others say of theirs.
  ///
  /// - Throws: what reading throws, on all processes; see `Communicator.agreed`.
  func batch<Task: TrainingTask>(
    _ task: Task, from batches: Prefetcher<[TaskBatch<Task>], any Error>
  ) throws -> StepBatch<Task> {
    func next() throws -> [TaskBatch<Task>] { try batches.next().filter { !$0.input.samples.isEmpty } }
    guard processes.size > 1 else {
      let parts = try next()
      return StepBatch(parts, from: 0, samples: parts.map(\.input.samples), weights: parts.map(task.weight(of:)))
    }
    let (parts, messages) = try processes.agreed(next) { parts in
      var message = Message()
      for part in parts {
        message.add(task.weight(of: part))
        message.add(part.input.samples)
      }
      return message
    }
    var (samples, weights, first) = ([[Int]](), [Double](), 0)
    for (rank, var message) in messages.enumerated() {
      if rank == processes.rank { first = weights.count }
      while !message.isAtEnd {
        weights.append(message.double())
        samples.append(message.list())
      }
    }
    return StepBatch(parts, from: first, samples: samples, weights: weights)
  }

  /// Forward and back through this process's parts, then the optimizer's step by the gradients of all.
  func walkOwn<Task: TrainingTask>(_ task: Task, _ batch: StepBatch<Task>) throws -> Walked {
    var partial = PartialGradients(from: batch.first)
    var moves: [RunningStatistics] = []
    var walked: [Walked] = []
    var divergence: Divergence?
    do {
      for (place, part) in batch.parts.enumerated() {
        let index = batch.first + place
        partial.begin(index, share: batch.share(ofPart: index), isLast: index == batch.count - 1)
        walked.append(try walk(task, part, index, batch.samples, into: &partial) { moves += $0 })
      }
    } catch let error as Divergence { divergence = error }
    let shapes = parameters.shapes.map(\.shape)
    var exchange = GradientExchange(partial, shapes: shapes)
    partial = PartialGradients(from: 0)  // the exchange alone holds the gradients
    let outcome = StepOutcome(
      divergence: divergence, walked: walked, moves: moves.map { ($0.index, $0.momentum) },
      gradients: exchange.announcement)
    let outcomes = processes.gathered(outcome.message.bytes).map { StepOutcome(Message($0)) }
    if let first = outcomes.firstNonNil(\.divergence) {
      throw Divergence(step: state.step + 1, what: first.what, layer: first.layer, samples: batch.samples)
    }
    var total: Walked = (0, [:])
    for (index, part) in outcomes.flatMap(\.walked).enumerated() {
      total.loss += batch.share(ofPart: index) * part.loss
      total.counts.merge(part.counts, uniquingKeysWith: +)
    }
    moveStatistics(moves, outcomes)
    var totals = exchange.totals(outcomes.map(\.gradients), by: processes)
    optimizer.begin(share: 1, isLast: true)
    totals.reverse()
    while let (index, gradient) = totals.popLast() {
      optimizer.consume(gradient, into: &parameters[index], at: index)
    }
    optimizer.finish(&parameters)
    try requireFiniteGradients(batch.samples)
    return total
  }

  /// Moves running statistics part by part, as one process alone does on the way forward.
  private func moveStatistics(_ own: [RunningStatistics], _ outcomes: [StepOutcome]) {
    let moves = outcomes.map(\.moves)
    guard !moves.allSatisfy(\.isEmpty) else { return }
    func count(_ index: Int) -> Int { parameters[index].count }
    let counts = moves.map { $0.reduce(0) { $0 + count($1.index) } }
    let targets = processes.gathered(Flat.joined(own.map(\.target)), counts: counts)
    var start = 0
    for (index, momentum) in moves.joined() {
      let target = Flat.part(of: targets, from: start, [count(index)])
      RunningStatistics(index: index, target: target, momentum: momentum).move(&parameters[index])
      start += count(index)
    }
  }
}

extension Sequence {
  fileprivate func firstNonNil<Value>(_ value: (Element) -> Value?) -> Value? { lazy.compactMap(value).first }
}
