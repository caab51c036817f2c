internal import Datasets
internal import Images
internal import Kernels
internal import Layers
internal import Networks
internal import Tensors

/// Whether a network takes the images that a configuration makes.
extension DataConfiguration {
  /// Channels of the images that the network is fed, with the dataset's images.
  ///
  /// - Throws: `TrainingError` where they are gray and the input normalization needs color.
  func channels(of dataset: Dataset) throws(TrainingError) -> Int {
    let channels = channels ?? dataset.channels
    guard channels == 3 || !inputNormalization.needsColor else {
      throw TrainingError(
        "\(path): its images are gray, expected color as data.inputNormalization: \(inputNormalization) needs; "
          + "set data.channels: 3, or another normalization")
    }
    return channels
  }

  /// Throws `TrainingError` where images are to be decoded at a part of their size and the dataset has none that can be.
  private func requireEncoded(_ dataset: Dataset) throws(TrainingError) {
    guard scaledDecoding, dataset.header.storage == .samples || dataset.header.resizing != nil else { return }
    throw TrainingError(
      "\(dataset.path): its images are stored \(dataset.header.storage == .samples ? "as samples" : "to be resized when they are read"), "
        + "expected encoded ones of their own size as data.scaledDecoding needs; prepare it with --storage encoded and without "
        + "--shorter, --square and --crop, or remove data.scaledDecoding")
  }

  /// Throws `TrainingError` unless the network takes the samples' images at every size that training may give them.
  func requireTraining(of samples: [Int], in dataset: Dataset, by network: Network) throws(TrainingError) {
    try requireEncoded(dataset)
    let own = Set(samples.map { dataset.extent(ofImage: dataset.imageIndex(of: $0)) })
    try requireFit(Set(own.flatMap(smallestTrainingExtents(of:))), of: dataset, by: network)
    // A random crop keeps one of an image's regions itself.
    guard augment?.crop == nil else { return }
    for sample in samples {
      guard let box = dataset.box(of: sample) else { continue }
      let extent = dataset.extent(ofImage: dataset.imageIndex(of: sample))
      for transform in closestTransforms(of: extent) where transform.box(box, of: extent) == nil {
        throw TrainingError(
          "\(dataset.path): the center of region \(sample) (\(dataset.name(ofImage: dataset.imageIndex(of: sample)))) is outside the crop of data.resize; expected every region "
            + "that is trained on inside it; remove the crop, or crop at random with data.augment.crop")
      }
    }
  }

  /// Throws `TrainingError` unless the network takes the samples' images, and their crop leaves none of their regions out.
  func requireEvaluation(of samples: [Int], in dataset: Dataset, by network: Network) throws(TrainingError) {
    try requireEncoded(dataset)
    var extents: Set<Extent> = []
    for sample in samples {
      let extent = dataset.extent(ofImage: dataset.imageIndex(of: sample))
      let transform = evaluationTransform(of: extent)
      extents.insert(transform.extent(of: extent))
      if let box = dataset.box(of: sample), transform.box(box, of: extent) == nil {
        throw TrainingError(
          "\(dataset.path): the center of region \(sample) (\(dataset.name(ofImage: dataset.imageIndex(of: sample)))) is outside the crop of data.resize; expected every region "
            + "that is evaluated inside it; remove the crop")
      }
    }
    try requireFit(extents, of: dataset, by: network)
  }

  private func requireFit(
    _ extents: Set<Extent>, of dataset: Dataset, by network: Network
  ) throws(TrainingError) {
    for extent in extents.sorted(by: { ($0.height, $0.width) < ($1.height, $1.width) }) {
      do {
        _ = try network.outputShapes(
          of: .maps(extent, channels: channels ?? dataset.channels))
      } catch {
        throw TrainingError(
          "\(dataset.path): the network does not take its images: \(error); scale them up with data.sizes or data.resize"
        )
      }
    }
  }
}
