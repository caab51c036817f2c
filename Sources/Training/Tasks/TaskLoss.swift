package import Autodiff

/// The loss of a batch on a tape, with what the task counted on the way.
package struct TaskLoss {
  /// The mean over the batch's samples, a scalar.
  package let value: Variable
  /// Sums over the samples, under the names of `TrainingTask.counts`.
  package let counts: [String: Double]

  package init(_ value: Variable, counts: [String: Double] = [:]) { (self.value, self.counts) = (value, counts) }
}
