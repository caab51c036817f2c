import Support
import Training

/// Shows a training run: progress on standard error, tables and the result on standard output.
final class TrainingReport {
  /// The task's, the one that selects first.
  private let metrics: [Metric]
  private let isQuiet: Bool
  /// Whether warnings are not shown either.
  private let isSilent: Bool
  private var line: ProgressLine?
  private var start = 0
  private var step = 0
  private var epoch = ""
  /// When the first step was done, and how long steps waited for their data since.
  private var firstStep: ContinuousClock.Instant?
  private var waited = Duration.zero

  init(_ metrics: [Metric], isQuiet: Bool = false, isSilent: Bool = false) {
    (self.metrics, self.isQuiet, self.isSilent) = (metrics, isQuiet || isSilent, isSilent)
  }

  func show(_ event: TrainingEvent) {
    switch event {
    case _ where isSilent: break
    case .warning(let text): say("warning: \(text)")
    case _ where isQuiet: break
    case .loaded(let plan, let path): print("weights from \(path)\n\n\(plan)\n")
    case .adapted(let change): print(change)
    case .resumed(let step, let epoch):
      start = step
      say("resuming from step \(step), \(epoch) epochs done")
    case .step(let step, let total, let loss, learningRate: _, let waited):
      self.step = step
      if firstStep == nil { firstStep = .now } else { self.waited += waited }
      if line == nil { line = ProgressLine("train", total: total, startedAt: start, unit: "steps") }
      line?.update(done: step, note: "loss \(loss.formatted(digits: 4))" + epoch + waiting)
    case .epoch(let epoch, let epochs, let record):
      let validation = metrics.first.flatMap { metric in
        record.values[metric.validationKey].map { "  validation \(metric.text(of: $0))" }
      }
      self.epoch = "  epoch \(epoch)/\(epochs)" + (validation ?? "")
    case .saved: break
    }
  }

  /// Prints what was proved.
  func end(with stretch: Replay.Stretch) {
    line = nil
    guard !isQuiet else { return }
    print("steps \(stretch.from + 1) to \(stretch.to) repeated: weights, momentum and log are bit-for-bit identical")
  }

  /// Trains and prints the result, or that epochs are left.
  /// - Throws: the training's errors; of an interruption, with the command to resume.
  func end(of run: RunDirectory, _ train: () throws -> RunResult?) throws {
    let result: RunResult?
    do { result = try train() } catch Interruption.stopped {
      throw Interruption.stoppedRun(resume: "bulkhead resume \(run.path)")
    }
    guard !isQuiet else { return }
    line?.finish(done: step, note: String((epoch + waiting).drop { $0 == " " }))
    if let result {
      let words =
        result.validation.isEmpty
        ? "\(result.epochs) epochs done, without validation"
        : "best in epoch \(result.bestEpoch) of \(result.epochs): validation \(Array(metrics.prefix(2)).text(of: result.validation))"
      print(
        """
        \(words)
        the run lies in \(run.path); its test images: bulkhead evaluate \(run.path)
        """)
    } else {
      print("epochs are left; continue with bulkhead resume \(run.path)")
    }
  }

  /// The share of the time since the first step that was spent waiting for data.
  private var waiting: String {
    guard let firstStep else { return "" }
    let share = waited / max(.now - firstStep, .nanoseconds(1))
    return "  waited for data \((100 * share).formatted(digits: 1)) %"
  }

  private func say(_ text: String) {
    if line == nil { standardError(text + "\n") } else { line?.say(text) }
  }
}
