internal import Kernels
internal import Layers
internal import Optimizers
internal import Storage
internal import Tensors

/// What a run works with: its dataset, the samples chosen from it, and its network; checked before anything is trained.
struct TrainingSetup: Sendable {
  let dataset: Dataset
  let network: Network
  let plan: BatchPlan
  let validation: [Int]
  let hasBoxes: Bool

  /// - Throws: `StorageError` or `TrainingError` for data or a network that cannot be trained.
  init(_ configuration: Configuration) throws {
    let data = configuration.data
    dataset = try Dataset(opening: data.path)
    let training = try SampleChoice.samples(
      of: dataset, .train, perClass: data.trainPerClass, seed: configuration.seed)
    validation = try SampleChoice.samples(
      of: dataset, .validation, perClass: data.validationPerClass, seed: configuration.seed)
    let dataset = dataset
    hasBoxes = (training + validation).contains { dataset.box(of: $0) != nil }
    network = configuration.network.network(
      channels: dataset.channels, classes: dataset.classNames.count, regions: hasBoxes)
    plan = BatchPlan(
      dataset, samples: training, configuration: data, parts: configuration.optimizer.accumulate,
      seed: configuration.seed)
    try network.requireFit(of: training, in: dataset, sides: data.sizes)
    try network.requireFit(of: validation, in: dataset, sides: data.evaluationSize.map { [$0] } ?? [])
    try requireMatches(configuration.freeze, of: "freeze")
    try requireMatches(configuration.optimizer.groups.map(\.match), of: "optimizer.groups")
  }

  /// The maps that linear layers after a flattening get their rows from, at the first of the sizes, or that of the first image.
  ///
  /// - Throws: `ShapeError` where the network does not take it.
  func flattenedMaps(sizes: [Int]) throws -> [String: FlattenedMap] {
    guard let sample = plan.samples.first else { return [:] }
    let own = dataset.extents(ofImage: dataset.imageIndex(of: sample))
    let side = sizes.first
    let extent = Extent(height: side ?? own.height, width: side ?? own.width)
    return try network.flattenedMaps(of: .maps(extent, channels: dataset.channels))
  }

  /// Throws unless every pattern fits a parameter.
  private func requireMatches(_ patterns: [String], of key: String) throws {
    let names = network.parameters.map(\.name)
    for pattern in patterns where !names.contains(where: { NamePattern(pattern).matches($0) }) {
      throw TrainingError("\(key): no parameter fits \(pattern); the network has \(names.joined(separator: ", "))")
    }
  }
}
