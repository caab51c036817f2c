package import Weights

/// What happens in a run; progress, logs and messages are made of these.
package enum TrainingEvent {
  /// Weights were read from a file; the plan is a table of every tensor.
  case loaded(LoadingPlan, from: String)
  /// Loaded weights were changed to fit the head, such as cut to a rank with some error.
  case adapted(String)
  /// The run goes on from a checkpoint.
  case resumed(step: Int, epoch: Int)
  /// Something that the user should know, such as another processor than the run began on.
  case warning(String)
  /// A step is done; the loss is that of its batch, which it had to wait for so long.
  case step(Int, of: Int, loss: Double, learningRate: Double, waited: Duration)
  /// An epoch is done and its validation measured.
  case epoch(Int, of: Int, MetricsRecord)
  /// The state is on the disk.
  case saved(path: String, step: Int)
}
