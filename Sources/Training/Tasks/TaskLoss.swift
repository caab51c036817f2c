package import Autodiff

/// The loss of a batch on a tape, with what the task counted on the way.
package struct TaskLoss {
  /// The mean loss over the batch's samples, weighted or not, a scalar.
  package let mean: Variable
  /// Sums over the samples, under the names of `TrainingTask.counts`.
  package let counts: [String: Double]

  /// A mean loss with counts over the samples.
  package init(_ mean: Variable, counts: [String: Double] = [:]) { (self.mean, self.counts) = (mean, counts) }
}
