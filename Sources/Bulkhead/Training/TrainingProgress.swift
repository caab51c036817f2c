internal import Training
internal import Weights

/// What happens in a run while it trains.
public enum TrainingProgress: Sendable, Equatable {
  /// Weights were read from a file; `table` says of every tensor what became of it.
  case loadedWeights(from: String, table: String)
  /// Loaded weights were changed to fit the head, as the text says.
  case adaptedWeights(String)
  /// The run goes on from a checkpoint.
  case resumed(step: Int, epoch: Int)
  /// Something that the user should know, such as another processor than the run began on.
  case warning(String)
  /// A step is done; `loss` is that of its batch, in nats per sample, and `waited` is the time that its data took.
  case step(Int, of: Int, loss: Double, learningRate: Double, waited: Duration)
  /// An epoch is done and validated, of so many that are to be done now; `metrics` are those of `metrics.jsonl`, such as
  /// `validationAccuracy`.
  case epoch(Int, of: Int, metrics: [String: Double])
  /// The state is on the disk.
  case saved(path: String, step: Int)

  init(_ event: TrainingEvent) {
    self =
      switch event {
      case .loaded(let plan, let path): .loadedWeights(from: path, table: "\(plan)")
      case .adapted(let change): .adaptedWeights(change)
      case .resumed(let step, let epoch): .resumed(step: step, epoch: epoch)
      case .warning(let text): .warning(text)
      case .step(let step, let total, let loss, let rate, let waited):
        .step(step, of: total, loss: loss, learningRate: rate, waited: waited)
      case .epoch(let epoch, let total, let record): .epoch(epoch, of: total, metrics: record.values)
      case .saved(let path, let step): .saved(path: path, step: step)
      }
  }
}
