package import Datasets
internal import Images
internal import Kernels
internal import Layers
internal import Networks
internal import Support
package import Tensors
internal import Training

/// The shape and classes of a study's dataset, known before the dataset exists.
package struct DatasetOutline: Sendable, Equatable {
  /// The number of classes.
  package var classes: Int
  /// Of the images or feature maps.
  package var channels: Int
  /// Of the first image or feature map.
  package var extent: Extent
  /// Of the images that feature maps were made of; nil for images.
  package private(set) var imageChannels: Int?
  /// The number of samples of each split.
  package var samples: [Split: Int]

  /// The outline of a dataset of images that is not there yet.
  package init(classes: Int, channels: Int, extent: Extent, samples: [Split: Int]) {
    (self.classes, self.channels, self.extent, self.samples) = (classes, channels, extent, samples)
  }

  /// - Parameter known: the outline of the base, if that is not there yet; nil reads it.
  /// - Throws: `FileError` where neither the dataset nor what it is made of can be read, `TrainingError`, `ShapeError` or
  ///   `YAMLError` where the backbone of feature maps does not fit the images.
  init(of derived: DerivedDataset, base known: DatasetOutline? = nil) throws {
    if known == nil, let made = try? Dataset(opening: derived.path, memoryLimit: 0) {
      self.init(made)
      imageChannels = try FeatureBackbone(of: made)?.channels
      return
    }
    self = try known ?? DatasetOutline(ofBase: derived)
    if let groups = derived.derivation?.groups { classes = groups.count }
    guard let features = derived.features else { return }
    let configuration = try features.configuration(of: derived.base)
    let given = configuration.data.evaluationTransform(of: extent).extent(of: extent)
    let colors = configuration.data.channels ?? channels
    let backbone = try configuration.resolved().network.backbone.network(channels: colors, classes: classes)
    let input = ActivationShape.maps(given, channels: colors)
    guard case .maps(let map?, channels: let depth)? = try NetworkSummary(backbone, input: input).rows.last?.output
    else {
      return
    }
    (imageChannels, channels, extent) = (colors, depth, map)
  }

  /// The outline of the images that a dataset is made of.
  init(ofBase derived: DerivedDataset) throws(FileError) {
    self.init(try Dataset(opening: derived.base, memoryLimit: 0))
  }

  private init(_ dataset: Dataset) {
    (classes, channels, extent) = (dataset.classNames.count, dataset.channels, dataset.extent(ofImage: 0))
    samples = Dictionary(uniqueKeysWithValues: Split.allCases.map { ($0, dataset.samples(of: $0).count) })
  }

  /// The network of a configuration as it is built for this dataset: on feature maps its head alone.
  func description(of configuration: Configuration) -> NetworkDescription {
    configuration.described(
      imageChannels.map { configuration.network.onFeatures(imageChannels: $0) } ?? configuration.network,
      classes: classes)
  }

  /// The outputs of a configuration's classifier: its classes, and background for a detector.
  func outputs(of configuration: Configuration) -> Int {
    configuration.taskKind == .detection ? classes + 1 : classes
  }

  /// What the network is fed in evaluation.
  func input(of configuration: Configuration) -> ActivationShape {
    let data = configuration.data
    let given = data.evaluationTransform(of: extent).extent(of: extent)
    return .maps(given, channels: data.channels ?? channels)
  }
}
