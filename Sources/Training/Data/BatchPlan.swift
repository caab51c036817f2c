package import Datasets
package import Support
internal import Tensors

/// The samples of each step, a function of seed and step alone, so that any step is found directly.
///
/// A step takes a batch of images with all their regions, so that an image is read once per epoch.
package final class BatchPlan: Sendable {
  /// The dataset's sample indices that are trained on.
  package let samples: [Int]
  /// Optimizer steps per epoch.
  package let stepsPerEpoch: Int
  private let dataset: Dataset
  private let data: DataConfiguration
  private let seed: UInt64
  private let parts: Int
  /// The samples of each image, in the order of their first.
  private let samplesOfImages: [[Int]]
  private let order = Locked<(epoch: Int, order: [Int])>((-1, []))

  /// - Parameter parts: gradient accumulation steps: the parts that each batch is split into.
  package init(
    _ dataset: Dataset, samples: [Int], configuration: DataConfiguration, parts: Int, seed: UInt64
  ) {
    self.dataset = dataset
    self.samples = samples
    self.seed = seed
    self.parts = parts
    data = configuration
    var places: [Int: Int] = [:]
    var samplesOfImages: [[Int]] = []
    for sample in samples {
      let image = dataset.imageIndex(of: sample)
      let place = places[image] ?? samplesOfImages.count
      if place == samplesOfImages.count {
        places[image] = place
        samplesOfImages.append([])
      }
      samplesOfImages[place].append(sample)
    }
    self.samplesOfImages = samplesOfImages
    stepsPerEpoch = (samplesOfImages.count + configuration.batch - 1) / configuration.batch
  }

  /// The samples of a step, counted from 0 over all epochs.
  package func samples(ofStep step: Int) -> [Int] { images(ofStep: step).flatMap { samplesOfImages[$0] } }

  /// Places in `samplesOfImages`.
  private func images(ofStep step: Int) -> [Int] {
    let (epoch, position) = step.quotientAndRemainder(dividingBy: stepsPerEpoch)
    return order.withLock { cached in
      if cached.epoch != epoch {
        var stream = RandomStream(seed: seed, keys: RandomStream.key("order"), UInt64(epoch))
        cached = (epoch, stream.permutation(of: samplesOfImages.count))
      }
      return Array(cached.order[position * data.batch..<min((position + 1) * data.batch, samplesOfImages.count)])
    }
  }

  /// The parts of a step's batch, read and transformed.
  /// - Throws: `FileError` if an image cannot be read.
  package func batches(ofStep step: Int) throws(FileError) -> [Batch] {
    let images = images(ofStep: step)
    let size = (images.count + parts - 1) / parts
    let epoch = step / stepsPerEpoch
    var batches: [Batch] = []
    for first in stride(from: 0, to: images.count, by: size) {
      let groups = images[first..<min(first + size, images.count)].map { samplesOfImages[$0] }
      let boxes = Dictionary(
        groups.map { (dataset.imageIndex(of: $0[0]), $0.map(dataset.box(of:))) }, uniquingKeysWith: +)
      batches.append(
        try Batch(groups.flatMap { $0 }, of: dataset, as: data) { [self] image in
          data.trainingTransform(
            of: dataset.extent(ofImage: image), boxes: boxes[image] ?? [], seed: seed, epoch: epoch, image: image)
        })
    }
    return batches
  }
}
