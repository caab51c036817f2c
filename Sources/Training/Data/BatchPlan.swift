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
  private let fewest: Int
  /// The samples of each image, in the order of their first.
  private let samplesOfImages: [[Int]]
  private let order: EpochOrder
  private let cached = Locked<(epoch: Int, draws: [EpochOrder.Draw])>((-1, []))

  /// - Parameters:
  ///   - parts: gradient accumulation steps: the parts that each batch is split into.
  ///   - fewest: images that a batch or part has at least; a smaller one at an end joins the one before it.
  package init(
    _ dataset: Dataset, samples: [Int], configuration: DataConfiguration, parts: Int, fewest: Int = 1, seed: UInt64
  ) {
    self.dataset = dataset
    self.samples = samples
    self.seed = seed
    self.parts = parts
    self.fewest = fewest
    data = configuration
    samplesOfImages = dataset.groupedByImage(samples)
    let count = samplesOfImages.count
    var classes: [[Int]]?
    if configuration.sampling == .balanced {
      var places = [[Int]](repeating: [], count: dataset.classNames.count)
      for (place, samples) in samplesOfImages.enumerated() { places[dataset.label(of: samples[0])].append(place) }
      classes = places
    }
    order = EpochOrder(count: count, seed: seed, classes: classes)
    let joins = count > configuration.batch && (1..<max(fewest, 1)).contains(count % configuration.batch)
    stepsPerEpoch = (count + configuration.batch - 1) / configuration.batch - (joins ? 1 : 0)
  }

  /// The number of images that are trained on.
  package var imageCount: Int { samplesOfImages.count }

  /// The samples of a step, counted from 0 over all epochs.
  package func samples(ofStep step: Int) -> [Int] { draws(ofStep: step).flatMap { samplesOfImages[$0.place] } }

  private func draws(ofStep step: Int) -> ArraySlice<EpochOrder.Draw> {
    let (epoch, position) = step.quotientAndRemainder(dividingBy: stepsPerEpoch)
    return cached.withLock { cached in
      if cached.epoch != epoch { cached = (epoch, order.draws(ofEpoch: epoch)) }
      let end = position == stepsPerEpoch - 1 ? cached.draws.count : (position + 1) * data.batch
      return cached.draws[position * data.batch..<end]
    }
  }

  /// The parts of a batch of `count` images, as ranges of its images.
  private func ranges(of count: Int, fewest: Int) -> [Range<Int>] {
    let size = max((count + parts - 1) / parts, fewest)
    var starts = Array(stride(from: 0, to: count, by: size))
    if let last = starts.last, starts.count > 1, count - last < fewest { starts.removeLast() }
    return zip(starts, starts.dropFirst() + [count]).map { $0..<$1 }
  }

  /// The parts of a step's batch, read and transformed.
  ///
  /// - Parameter share: those of one of several processes alone, which are consecutive; with mixup it reads the whole batch.
  /// - Throws: `FileError` if an image cannot be read.
  package func batches(ofStep step: Int, share: (rank: Int, of: Int) = (0, 1)) throws(FileError) -> [Batch] {
    let draws = Array(draws(ofStep: step))
    let epoch = step / stepsPerEpoch
    let all = ranges(of: draws.count, fewest: fewest)
    let ranges = all[all.count * share.rank / share.of..<all.count * (share.rank + 1) / share.of]
    if ranges.isEmpty { return [] }
    guard let alpha = data.augment?.mixup else {
      var batches: [Batch] = []
      for range in ranges { batches.append(try batch(of: Array(draws[range]), epoch: epoch)) }
      return batches
    }
    var stream = RandomStream(seed: seed, keys: RandomStream.key("mixup"), UInt64(step))
    let share = Float(stream.beta(alpha, alpha))
    // Partners come from the whole batch, so that its parts change nothing.
    let whole = try batch(of: draws, epoch: epoch)
    let mixed = whole.mixed(
      with: stream.permutation(of: draws.count), labels: whole.samples.map(dataset.label(of:)), share: share)
    return ranges.map(mixed.part)
  }

  private func batch(of draws: [EpochOrder.Draw], epoch: Int) throws(FileError) -> Batch {
    try Batch(groups: draws.map { samplesOfImages[$0.place] }, of: dataset, as: data) { [self] index in
      let samples = samplesOfImages[draws[index].place]
      let image = dataset.imageIndex(of: samples[0])
      return data.trainingTransform(
        of: dataset.extent(ofImage: image), boxes: samples.map(dataset.box(of:)), seed: seed, epoch: epoch,
        image: image, repetition: draws[index].repetition)
    }
  }
}

extension BatchPlan {
  /// What joins the batch or part before it as it would have fewer images than it must; nil where nothing does.
  var joining: String? {
    let last = imageCount % data.batch
    let isSingle = stepsPerEpoch < (imageCount + data.batch - 1) / data.batch
    let sizes = [min(imageCount, data.batch), last == 0 || isSingle ? data.batch + last : last]
    let inParts = sizes.contains { ranges(of: $0, fewest: fewest) != ranges(of: $0, fewest: 1) }
    let texts = [
      isSingle ? "the last batch of each epoch (\(imageCount) images in batches of \(data.batch))" : nil,
      inParts ? "parts of one image (optimizer.accumulate: \(parts))" : nil,
    ]
    let found = texts.compactMap(\.self)
    return found.isEmpty ? nil : found.joined(separator: " and in ")
  }
}

extension Dataset {
  /// Samples by image, images in the order of their first sample.
  func groupedByImage(_ samples: [Int]) -> [[Int]] {
    var places: [Int: Int] = [:]
    var groups: [[Int]] = []
    for sample in samples {
      let image = imageIndex(of: sample)
      let place = places[image] ?? groups.count
      if place == groups.count {
        places[image] = place
        groups.append([])
      }
      groups[place].append(sample)
    }
    return groups
  }
}
