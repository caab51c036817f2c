internal import Autodiff
package import Datasets
package import Networks
internal import Support
package import Tensors

/// Runs a network over samples without training it.
package struct Evaluator: Sendable {
  /// The network.
  package let network: Network
  /// The network's parameters.
  package let parameters: Parameters
  /// How images are read.
  package let data: DataConfiguration
  /// Samples in a batch.
  package let batch: Int

  /// An evaluator that reads images as the data configuration says, in batches of so many samples.
  package init(network: Network, parameters: Parameters, data: DataConfiguration, batch: Int) {
    (self.network, self.parameters, self.data, self.batch) = (network, parameters, data, batch)
  }

  /// The network's output for a batch, `[samples, outputs]`.
  package func output(of batch: Batch) -> Tensor {
    network.forward(batch, on: Tape(parameters: parameters, mode: .evaluation)).logits.value
  }

  /// Adds the predictions on a batch to a tally.
  package func evaluate<Task: TrainingTask>(_ batch: TaskBatch<Task>, as task: Task, into tally: inout Task.Tally) {
    task.evaluate(batch, through: network, on: Tape(parameters: parameters, mode: .evaluation), into: &tally)
  }

  /// Predictions for samples, in their order, with their metrics.
  ///
  /// - Parameters:
  ///   - task: what is predicted, applied to the dataset.
  ///   - shouldStop: polled before each batch.
  /// - Throws: `FileError` if an image cannot be read, `Interruption.stopped` if a stop was requested.
  package func tally<Task: TrainingTask>(
    of task: Task, on dataset: Dataset, samples: [Int],
    shouldStop: () -> Bool, progress: (_ done: Int) -> Void = { _ in }
  ) throws -> Task.Tally {
    var tally = task.emptyTally
    let data = data
    let parts = Task.judgesWholeImages ? images(of: samples, in: dataset) : samples.split(every: batch)
    let batches = Prefetcher(batches: parts.indices) { index in
      try TaskBatch(Batch(parts[index], of: dataset, as: data), for: task, in: dataset)
    }
    defer { batches.stop() }
    var done = 0
    for part in parts {
      if shouldStop() { throw Interruption.stopped }
      evaluate(try batches.next(), as: task, into: &tally)
      crashPoint("evaluation")
      done += part.count
      progress(done)
    }
    return tally
  }

  /// The samples of `data.batch` images at a time.
  private func images(of samples: [Int], in dataset: Dataset) -> [[Int]] {
    dataset.groupedByImage(samples).split(every: data.batch).map { Array($0.joined()) }
  }
}

extension Array {
  /// Parts of so many elements each; the last may have fewer.
  fileprivate func split(every size: Int) -> [[Element]] {
    stride(from: 0, to: count, by: size).map { Array(self[$0..<Swift.min($0 + size, count)]) }
  }
}
