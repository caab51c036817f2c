package import Weights

/// Events of a training run, for progress, logs and messages.
package enum TrainingEvent {
  /// Weights were read from a file; the plan is a table of every tensor.
  case loaded(LoadingPlan, from: String)
  /// Loaded weights were adapted to the head, such as truncated to a rank with an approximation error.
  case adapted(String)
  /// The run resumes from a checkpoint.
  case resumed(step: Int, epoch: Int)
  /// A warning for the user, such as a processor other than the one the run began on.
  case warning(String)
  /// A step is done; `loss` is that of its batch, `waited` the time spent waiting for the batch.
  case step(Int, of: Int, loss: Double, learningRate: Double, waited: Duration)
  /// An epoch is done and validated.
  case epoch(Int, of: Int, MetricsRecord)
  /// The state was saved.
  case saved(path: String, step: Int)
}
