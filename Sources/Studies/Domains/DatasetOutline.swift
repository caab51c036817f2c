internal import Datasets
internal import Images
internal import Kernels
internal import Layers
internal import Networks
internal import Tensors
internal import Training

/// The shape and classes of a study's dataset, known before the dataset exists.
struct DatasetOutline: Sendable, Equatable {
  var classes: Int
  /// Of the images or feature maps.
  var channels: Int
  /// Of the first image or feature map.
  var extent: Extent
  /// Of the images that feature maps were made of; nil for images.
  var imageChannels: Int?
  var samples: [Split: Int]

  /// - Throws: `FileError` where neither the dataset nor what it is made of can be read, `TrainingError`, `ShapeError` or
  ///   `YAMLError` where the backbone of feature maps does not fit the images.
  init(of derived: DerivedDataset) throws {
    if let made = try? Dataset(opening: derived.path, memoryLimit: 0) {
      self.init(made)
      imageChannels = try FeatureBackbone(of: made)?.channels
      return
    }
    let base = try Dataset(opening: derived.base, memoryLimit: 0)
    self.init(base)
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
