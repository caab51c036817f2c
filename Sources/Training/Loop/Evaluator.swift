internal import Autodiff
package import Networks
package import Storage
package import Tensors

/// Runs a network over labelled samples without training it.
package struct Evaluator: Sendable {
  package let network: Network
  package let parameters: Parameters
  /// Names of the network's classes, in the order of its outputs.
  package let classNames: [String]
  /// How images are read.
  package let data: DataConfiguration
  /// Samples in a batch.
  package let batch: Int

  package init(network: Network, parameters: Parameters, classNames: [String], data: DataConfiguration, batch: Int) {
    (self.network, self.parameters, self.classNames) = (network, parameters, classNames)
    (self.data, self.batch) = (data, batch)
  }

  /// The logits of a batch, `[regions, classes]`.
  package func logits(of batch: Batch) -> Tensor {
    let tape = Tape(parameters: parameters, mode: .evaluation)
    let images = FeatureMaps(tape.constant(batch.pixels), batch.extents, scale: batch.scale)
    return network.forward(images, regions: batch.regions, on: tape).logits.value
  }

  /// The predictions on samples, in their order, and what they are worth.
  ///
  /// - Parameters:
  ///   - classes: how the dataset's classes correspond to the network's.
  ///   - shouldStop: looked at before each batch; the default is whether a signal came.
  /// - Throws: `StorageError` if an image cannot be read, `Interruption.stopped` if it was to stop.
  package func tally(
    on dataset: Dataset, samples: [Int], classes: ClassCorrespondence = .byPosition,
    shouldStop: () -> Bool = { Interruption.isRequested }, progress: (_ done: Int) -> Void = { _ in }
  ) throws -> EvaluationTally {
    var tally = EvaluationTally(classNames: classNames)
    let count = (samples.count + batch - 1) / batch
    let (data, batch) = (data, batch)
    let batches = Prefetcher(0..<count) { index in
      try Batch(Array(samples[index * batch..<min((index + 1) * batch, samples.count)]), of: dataset, as: data)
    }
    defer { batches.stop() }
    for index in 0..<count {
      if shouldStop() { throw Interruption.stopped }
      let batch = try batches.next()
      tally.add(logits: logits(of: batch), labels: batch.labels.map(classes.output(for:)))
      crashPoint("evaluation")
      progress(min((index + 1) * self.batch, samples.count))
    }
    return tally
  }
}
