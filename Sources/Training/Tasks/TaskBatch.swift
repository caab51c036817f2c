package import Datasets
package import Support

/// A batch with the targets that a task has for its samples.
package struct TaskBatch<Task: TrainingTask>: Sendable {
  /// The samples, ready for the network.
  package let input: Batch
  /// The targets of the samples.
  package let targets: Task.Targets

  /// - Throws: `FileError` if the targets cannot be read from the dataset.
  package init(_ input: Batch, for task: Task, in dataset: Dataset) throws(FileError) {
    self.input = input
    targets = try task.targets(of: input, in: dataset)
  }
}
