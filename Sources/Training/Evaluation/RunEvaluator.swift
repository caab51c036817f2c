package import Datasets
internal import Foundation
internal import Images
package import Kernels
package import Layers
internal import Networks
internal import Support
internal import Tensors
package import Weights

/// Evaluates the network of a run or of a file of weights on datasets.
package struct RunEvaluator {
  /// Which of a run's weights.
  package enum Weights: String, Sendable, CaseIterable { case best, last }

  /// The weights: `best`, `last`, or the file that a configuration names.
  package let weights: String
  /// The thread pool of the evaluation.
  let pool: ThreadPool
  private let layers: LayerRegistry
  /// The state of the run that the weights belong to.
  package let state: TrainingState
  /// The network with its weights.
  package let evaluator: Evaluator
  /// The task that the network was trained for, on the run's own dataset.
  package internal(set) var task: any TrainingTask
  /// The table of the weights that were loaded, where they are a configuration's; a run's own fit it.
  package let loaded: LoadingPlan?

  /// Reads the weights of a run with its network and data settings.
  /// - Parameters:
  ///   - pool: what it is evaluated on; by default one of as many threads as it was trained with.
  ///   - task: the run's task; nil is the configuration's.
  /// - Throws: `FileError` where the run has none yet or its file cannot be read, `TrainingError` where
  ///   the run was trained for another task.
  package init(
    _ run: RunDirectory, weights: Weights, pool: ThreadPool? = nil, task: (any TrainingTask.Type)? = nil
  ) throws {
    let path = weights == .best ? run.best : run.last
    guard FileSystem.exists(path) else { throw FileError.missing(path) }
    switch weights {
    case .last:
      let checkpoint = try Checkpoint(reading: path)
      state = try TrainingState(json: checkpoint.state, path: path, layers: run.layers)
      self.pool = pool ?? ThreadPool(threads: state.configuration.threads)
      let network = try state.network()
      evaluator = Self.evaluator(network, checkpoint.parameters, state)
    case .best:
      let file = try WeightsFile(opening: path)
      guard let json = try file.note(WeightsFile.stateNote) else {
        throw FileError(what: "it has no state of a run", path: path)
      }
      state = try TrainingState(json: json, path: path, layers: run.layers)
      self.pool = pool ?? ThreadPool(threads: state.configuration.threads)
      let network = try state.network()
      let plan = try LoadingPlan(network: network.parameters.map { ($0.name, $0.shape) }, from: file)
      evaluator = Self.evaluator(network, try self.pool.use { try plan.load() }, state)
    }
    (self.weights, layers, loaded) = (weights.rawValue, run.layers, nil)
    self.task = try state.task(task, path: path)
  }

  /// Reads the weights that a configuration names, unchanged.
  ///
  /// The classes of the run that trained them name the network's outputs; of other files those of the configuration's dataset.
  /// - Parameter layers: the kinds of layers that the backbone of feature maps can have.
  /// - Throws: `TrainingError` where it names none or the network does not take the dataset's images, `FileError` where
  ///   the weights are not all there.
  package init(_ configuration: Configuration, layers: LayerRegistry = .standard) throws {
    let configuration = try configuration.resolved()
    guard let weights = configuration.weights, weights.reinitialize.isEmpty else {
      throw TrainingError("weights: expected a file with all of the network's layers, as nothing is trained here")
    }
    let dataset = try Dataset(opening: configuration.data.path)
    let features = try FeatureBackbone(of: dataset, layers: layers)
    try features?.requireFit(configuration, path: dataset.path)
    if let features { _ = try features.compared(with: weights, path: dataset.path, layers: layers) }
    let hasBoxes = (0..<dataset.sampleCount).contains { dataset.box(of: $0) != nil }
    let file = try WeightsFile(opening: weights)
    let trained = try file.runState(layers: layers)
    let task = try configuration.task.init(configuration, classNames: trained?.classNames ?? dataset.classNames)
    self.task = task
    state = TrainingState(
      configuration: configuration, environment: .current(threads: configuration.threads),
      task: task, classNames: dataset.classNames, images: dataset.preparation,
      channels: try configuration.data.channels(of: dataset),
      hasBoxes: hasBoxes, checksums: dataset.checksums, stepsPerEpoch: 1, features: features)
    let network = try state.network()
    let own = dataset.extent(ofImage: 0)
    let given = configuration.data.evaluationTransform(of: own).extent(of: own)
    let input = ActivationShape.maps(given, channels: state.channels)
    var plan = try LoadingPlan(network, input: input, from: file, renaming: weights.rename)
    pool = ThreadPool(threads: configuration.threads)
    let values = try pool.use { try plan.load() }
    plan.noteZeros(in: values)
    loaded = plan
    evaluator = Self.evaluator(network, values, state)
    (self.weights, self.layers) = (weights.from, layers)
  }

  /// Whether the network pools regions, so that boxes have an effect.
  package var poolsRegions: Bool { evaluator.network.layers.contains(where: \.layer.poolsRegions) }

  /// Throws unless the network takes what a dataset holds.
  package func requireInput(_ dataset: Dataset) throws {
    let (found, own) = (try FeatureBackbone(of: dataset, layers: layers), state.features)
    guard (found == nil) == (own == nil) else {
      let wanted = own == nil ? "images" : "feature maps made as those of \(state.configuration.data.path)"
      throw TrainingError(
        "\(dataset.path): the run was trained on \(wanted), expected the same here; make them with bulkhead features")
    }
    if let found, let own, let difference = found.difference(from: own) {
      throw TrainingError(
        "\(dataset.path): its feature maps were made by another backbone than those that the run was trained on: "
          + "\(difference); make them with bulkhead features as those of \(state.configuration.data.path)")
    }
    let images = Set((0..<dataset.sampleCount).map(dataset.imageIndex(of:))).count
    let hasRegions = images < dataset.sampleCount || (0..<images).contains { dataset.box(of: $0) != nil }
    guard poolsRegions || !hasRegions else {
      throw TrainingError(
        "\(dataset.path): its samples are regions of images, and the run's network pools none; expected a dataset of whole "
          + "images")
    }
    guard dataset.channels == state.channels || evaluator.data.channels != nil else {
      throw TrainingError(
        "\(dataset.path): its images have \(dataset.channels) channels, the network expects \(state.channels); "
          + "prepare it with --channels \(state.channels)")
    }
  }

  private static func evaluator(_ network: Network, _ parameters: Parameters, _ state: TrainingState) -> Evaluator {
    Evaluator(
      network: network, parameters: parameters, data: state.configuration.data,
      batch: max(state.configuration.data.batch, 64))
  }
}
