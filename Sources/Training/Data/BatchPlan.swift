package import Storage
internal import Synchronization
internal import Tensors

/// Which samples each step trains on: a function of the seed and the step alone, so that any position is found at once.
package final class BatchPlan: Sendable {
  package let samples: [Int]
  package let stepsPerEpoch: Int
  private let dataset: Dataset
  private let seed: UInt64
  private let batch: Int
  private let parts: Int
  private let sizes: [Int]
  private let order = Mutex<(epoch: Int, order: [Int])>((-1, []))

  /// - Parameter parts: the number of parts that each batch is worked through in.
  package init(
    _ dataset: Dataset, samples: [Int], configuration: DataConfiguration, parts: Int, seed: UInt64
  ) {
    self.dataset = dataset
    self.samples = samples
    self.seed = seed
    self.parts = parts
    (batch, sizes) = (configuration.batch, configuration.sizes)
    stepsPerEpoch = (samples.count + configuration.batch - 1) / configuration.batch
  }

  /// The samples of a step, counted from 0 over all epochs.
  package func samples(ofStep step: Int) -> [Int] {
    let (epoch, position) = step.quotientAndRemainder(dividingBy: stepsPerEpoch)
    return order.withLock { cached in
      if cached.epoch != epoch {
        var stream = RandomStream(seed: seed, keys: RandomStream.key("order"), UInt64(epoch))
        cached = (epoch, stream.permutation(of: samples.count))
      }
      return cached.order[position * batch..<min((position + 1) * batch, samples.count)].map { samples[$0] }
    }
  }

  /// The parts of a step's batch, read and scaled.
  /// - Throws: `StorageError` if an image cannot be read.
  package func batches(ofStep step: Int) throws(StorageError) -> [Batch] {
    let samples = samples(ofStep: step)
    let size = (samples.count + parts - 1) / parts
    let epoch = step / stepsPerEpoch
    var batches: [Batch] = []
    for first in stride(from: 0, to: samples.count, by: size) {
      batches.append(
        try Batch(Array(samples[first..<min(first + size, samples.count)]), of: dataset) { image in
          guard !sizes.isEmpty else { return nil }
          var stream = RandomStream(seed: seed, keys: RandomStream.key("size"), UInt64(epoch), UInt64(image))
          return sizes[stream.integer(below: sizes.count)]
        })
    }
    return batches
  }
}
