internal import Datasets
internal import Foundation
internal import Images
internal import Kernels
internal import Layers
internal import Networks
internal import Optimizers
internal import Support
internal import Tensors
internal import Weights

/// What a run works with: its dataset, the samples chosen from it, and its network; checked before anything is trained.
struct TrainingSetup: Sendable {
  let configuration: Configuration
  let dataset: Dataset
  let task: any TrainingTask
  /// Of the images that the network is fed.
  let channels: Int
  let network: Network
  let plan: BatchPlan
  /// Empty for a run without validation.
  let validation: [Int]
  let hasBoxes: Bool
  /// The backbone that made the dataset's feature maps; nil for images.
  let features: FeatureBackbone?
  /// The first layer that one image alone may give a single value per channel to normalize by; nil if there is none.
  let singleValueLayer: Network.BatchStatistics?
  private let description: NetworkDescription

  /// - Parameters:
  ///   - dataPath: the path of the dataset; nil is the configuration's.
  ///   - task: the task; nil is the configuration's.
  ///   - layers: the kinds of layers that the backbone of feature maps can have.
  /// - Throws: `FileError` or `TrainingError` for data or a network that cannot be trained.
  init(
    _ configuration: Configuration, dataPath: String? = nil, task: (any TrainingTask.Type)? = nil,
    layers: LayerRegistry
  ) throws {
    self.configuration = configuration
    guard configuration.precision.isAvailable else {
      throw TrainingError(
        "precision: this processor has no \(configuration.precision.rawValue) matrix products (oneDNN uses "
          + "\(OneDNN.instructionSet) here); set precision to \(Precision.float32.rawValue), or train where there is "
          + "AVX-512 BF16 or AMX")
    }
    var data = configuration.data
    data.path = dataPath ?? data.path
    guard FileManager.default.fileExists(atPath: data.path) else {
      throw RunError.missingData(path: data.path, directory: FileManager.default.currentDirectoryPath)
    }
    dataset = try Dataset(opening: data.path)
    let dataset = dataset
    let samples = try SampleChoice(of: dataset, as: data, seed: configuration.seed)
    let training = samples.training
    validation = samples.validation
    self.task = try (task ?? configuration.task).init(configuration, classNames: dataset.classNames)
      .prepared(for: configuration, training: training, of: dataset)
    try Self.requireFit(configuration, type(of: self.task), samples: training, in: dataset)
    features = try FeatureBackbone(of: dataset, layers: layers)
    if let features {
      try features.requireFit(configuration, path: dataset.path)
      description = configuration.described(
        configuration.network.onFeatures(imageChannels: features.channels), type(of: self.task),
        classes: dataset.classNames.count)
    } else {
      description = configuration.described(
        configuration.network, type(of: self.task), classes: dataset.classNames.count)
    }
    channels = try data.channels(of: dataset)
    hasBoxes = (training + validation).contains { dataset.box(of: $0) != nil }
    network = try description.network(
      channels: channels, classes: self.task.outputs, regions: hasBoxes)
    guard network.main != nil else {
      throw TrainingError(
        "network.outputs: \(network.outputs.map(\.name).joined(separator: ", ")) and none is named "
          + "\(NetworkOutputs.main); name the one that makes the class scores so")
    }
    guard !network.endsInMaps else {
      throw TrainingError(
        "network: it ends in feature maps, expected \(self.task.outputs) outputs per sample; add a head")
    }
    try data.requireTraining(of: training, in: dataset, by: network)
    singleValueLayer = try Self.singleValueLayer(
      of: network, freezing: configuration, samples: training, in: dataset, channels: channels)
    plan = BatchPlan(
      dataset, samples: training, configuration: data, parts: configuration.optimizer.accumulate,
      fewest: singleValueLayer == nil ? 1 : 2, seed: configuration.seed)
    if let singleValueLayer {
      try Self.requireSeveralImages(configuration, count: plan.imageCount, for: singleValueLayer)
    }
    try data.requireEvaluation(of: validation, in: dataset, by: network)
    try requireMatches(configuration.freeze.compactMap(\.pattern), of: "freeze")
    guard !network.trainedParameters(freezing: configuration.freeze).isEmpty else {
      throw TrainingError(
        "freeze: \(configuration.freeze.map(\.description).joined(separator: ", ")) leaves nothing to train; freeze fewer layers"
      )
    }
    try requireMatches(configuration.optimizer.groups.map { NamePattern($0.match) }, of: "optimizer.groups")
    try requireMemory()
  }

  /// Throws where the parameters and the optimizer's state alone are more than the machine's memory.
  private func requireMemory() throws {
    let count = network.parameters.reduce(0.0) { $0 + $1.shape.reduce(1.0) { $0 * Double($1) } }
    let rule = configuration.optimizer.rule
    let (needed, there) = (4 * count * Double(1 + rule.stateTensors), Double(ProcessInfo.processInfo.physicalMemory))
    guard needed <= there else {
      throw TrainingError(
        "network: its parameters and the optimizer's state take \((needed / 1e9).formatted(digits: 1)) GB, and this machine has "
          + "\((there / 1e9).formatted(digits: 1)) GB; make its layers narrower")
    }
  }

  /// The shape of the first training image as the network gets it.
  var firstInput: ActivationShape? {
    plan.samples.first.map { sample in
      let own = dataset.extent(ofImage: dataset.imageIndex(of: sample))
      return .maps(configuration.data.smallestTrainingExtents(of: own).first ?? own, channels: channels)
    }
  }

  /// How the network's weights are initialized.
  func transfer(_ use: WeightsConfiguration.Use) throws -> Transfer {
    let classes = task.outputs
    return switch use {
    case .transfer:
      try description.transfer(channels: channels, classes: classes, regions: hasBoxes, seed: configuration.seed)
    case .continuation: try description.continuation(channels: channels, classes: classes, regions: hasBoxes)
    }
  }

  /// Throws where a run's weights, which are loaded with their classifier, have other classes or another order of them.
  ///
  /// Files of other programs do not name their classes.
  func requireClasses(of file: WeightsFile, layers: LayerRegistry) throws {
    guard let weights = configuration.weights, let names = try file.runState(layers: layers)?.classNames else { return }
    guard names.count == dataset.classNames.count, names != dataset.classNames else { return }
    let isReinitialized = network.classifierIndex.map { index in
      let layer = network.layers[index]
      return weights.reinitialize.contains {
        NamePattern($0).matches(layer.name) || NamePattern($0).matches(layer.path)
      }
    }
    guard isReinitialized != true, names.map(\.looseSpelling) != dataset.classNames.map(\.looseSpelling) else { return }
    throw TrainingError(
      "\(weights.from): its classifier has the classes \(names.listed) in this order, and \(dataset.path) has "
        + "\(dataset.classNames.listed); prepare the dataset with the same order, or set weights.reinitialize to the "
        + "classifier's layer")
  }

  /// Throws unless every pattern fits a parameter.
  private func requireMatches(_ patterns: [NamePattern], of key: String) throws {
    let names = network.parameters.filter(\.isTrained).map(\.name)
    for pattern in patterns where !names.contains(where: pattern.matches) {
      throw TrainingError(
        "\(key): no trained parameter matches \(pattern.text); the network has \(names.joined(separator: ", "))")
    }
  }
}
