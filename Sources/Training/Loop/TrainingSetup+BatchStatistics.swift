internal import Datasets
internal import Layers
internal import Networks
internal import Optimizers
internal import Support
internal import Tensors

/// Batch normalization needs two values per channel at least: one alone has no variance, and the output is the offset.
extension TrainingSetup {
  /// The first layer that normalizes by statistics of the batch and may get a single value per channel from one image.
  ///
  /// - Throws: `ShapeError` where the network does not take the images.
  static func singleValueLayer(
    of network: Network, freezing configuration: Configuration, samples: [Int], in dataset: Dataset, channels: Int
  ) throws -> Network.BatchStatistics? {
    struct Kind: Hashable {
      let extent: Extent
      let mayHaveOneRegion: Bool
    }
    let data = configuration.data
    let trained = network.trainedParameters(freezing: configuration.freeze)
    var kinds: Set<Kind> = []
    for group in dataset.groupedByImage(samples) {
      let own = dataset.extent(ofImage: dataset.imageIndex(of: group[0]))
      for extent in data.smallestTrainingExtents(of: own) {
        // A random crop may leave an image one of its regions.
        let isAlone = group.count == 1 || data.augment?.crop != nil
        kinds.insert(Kind(extent: extent, mayHaveOneRegion: isAlone))
      }
    }
    for kind in kinds.sorted(by: { ($0.extent.height, $0.extent.width) < ($1.extent.height, $1.extent.width) }) {
      let layers = try network.batchStatistics(of: .maps(kind.extent, channels: channels), trained: trained)
      if let found = layers.first(where: { $0.hasSingleValue && (!$0.isPerRegion || kind.mayHaveOneRegion) }) {
        return found
      }
    }
    return nil
  }

  /// Throws `TrainingError` where batches or parts of one image are what a layer's statistics would always come from.
  static func requireSeveralImages(
    _ configuration: Configuration, count: Int, for layer: Network.BatchStatistics
  ) throws(TrainingError) {
    let batch = min(configuration.data.batch, count)
    let parts = configuration.optimizer.accumulate
    let what: String
    let action: String
    if count == 1 {
      (what, action) = ("there is one training image", "train on more images")
    } else if batch == 1 {
      (what, action) = ("data.batch is 1", "set it to 2 or more")
    } else if (batch + parts - 1) / parts == 1 {
      (what, action) = (
        "optimizer.accumulate splits batches of \(batch) images into \(parts) parts of one",
        "set it to \(batch / 2) or less"
      )
    } else {
      return
    }
    throw TrainingError(
      "network: \(layer.path) normalizes by the mean and variance of its batch, \(what), and one image gives it a single "
        + "value per channel (its input is \(layer.input.words)), which has no variance; expected at least 2 values; "
        + "\(action), or freeze the layer to use its running statistics")
  }

  /// What is said once of a batch or part of one image that joins the one before it; nil where there is none.
  static func joiningWarning(_ plan: BatchPlan, for layer: Network.BatchStatistics?) -> String? {
    guard let layer, let joining = plan.joining else { return nil }
    return
      "\(layer.path) needs two values per channel for the variance of its batch: the image left over in \(joining) "
      + "joins the images before it"
  }
}
