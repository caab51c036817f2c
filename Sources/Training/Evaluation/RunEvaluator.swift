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

  private let weights: String
  /// The thread pool of the evaluation.
  private let pool: ThreadPool
  private let layers: LayerRegistry
  /// The state of the run that the weights belong to.
  package let state: TrainingState
  /// The network with its weights.
  package let evaluator: Evaluator
  /// The task that the network was trained for, on the run's own dataset.
  package let task: any TrainingTask
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
      guard let json = try file.note("bulkhead_state") else {
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

  /// Reads the weights that a configuration names, unchanged; its dataset's classes name the network's outputs.
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
    let hasBoxes = (0..<dataset.sampleCount).contains { dataset.box(of: $0) != nil }
    let task = try configuration.task.init(configuration, classNames: dataset.classNames)
    self.task = task
    state = TrainingState(
      configuration: configuration, environment: .current(threads: configuration.threads),
      task: task, classNames: dataset.classNames, channels: try configuration.data.channels(of: dataset),
      hasBoxes: hasBoxes, checksums: dataset.checksums, stepsPerEpoch: 1, features: features)
    let network = try state.network()
    let own = dataset.extent(ofImage: 0)
    let given = configuration.data.evaluationTransform(of: own).extent(of: own)
    let input = ActivationShape.maps(given, channels: state.channels)
    let file = try WeightsFile(opening: weights)
    let plan = try LoadingPlan(network, input: input, from: file, renaming: weights.rename)
    loaded = plan
    pool = ThreadPool(threads: configuration.threads)
    evaluator = Self.evaluator(network, try pool.use { try plan.load() }, state)
    (self.weights, self.layers) = (weights.from, layers)
  }

  /// Evaluates the network on a split of each dataset, for any task.
  ///
  /// - Throws: as `evaluate(as:on:split:progress:)` does.
  package func evaluate(
    on paths: [String], split: Split, shouldStop: () -> Bool = { false },
    progress: (_ path: String, _ done: Int, _ total: Int) -> Void = { _, _, _ in }
  ) throws -> any EvaluationOutput {
    func output(_ task: some TrainingTask) throws -> any EvaluationOutput {
      try evaluate(task, on: paths, split: split, shouldStop, progress: progress)
    }
    return try output(task)
  }

  /// Evaluates the network on a split of each dataset.
  ///
  /// The drop compares with the same split of the run's own dataset, which is evaluated too if its file exists.
  /// - Throws: `TrainingError` where the run is of another task, or a dataset's classes or channels are not the network's,
  ///   `FileError` where it cannot be read, `Interruption.stopped` if a stop was requested.
  package func evaluate<Task: TrainingTask>(
    as _: Task.Type, on paths: [String], split: Split, shouldStop: () -> Bool = { false },
    progress: (_ path: String, _ done: Int, _ total: Int) -> Void = { _, _, _ in }
  ) throws -> RunEvaluation<Task.Report> {
    guard let task = task as? Task else {
      throw TrainingError("the run's task is \(type(of: task).name), expected \(Task.name)")
    }
    return try evaluate(task, on: paths, split: split, shouldStop, progress: progress)
  }

  private func evaluate<Task: TrainingTask>(
    _ task: Task, on paths: [String], split: Split, _ shouldStop: () -> Bool,
    progress: (_ path: String, _ done: Int, _ total: Int) -> Void
  ) throws -> RunEvaluation<Task.Report> {
    var known: [String: (report: Task.Report, predictions: [Task.Report.Prediction])] = [:]
    func measured(
      _ task: Task, on dataset: Dataset
    ) throws -> (report: Task.Report, predictions: [Task.Report.Prediction]) {
      if let known = known[dataset.path] { return known }
      let samples = dataset.samples(of: split)
      guard !samples.isEmpty else {
        throw TrainingError("\(dataset.path): the split \(split.rawValue) is empty; choose another with --split")
      }
      try evaluator.data.requireEvaluation(of: samples, in: dataset, by: evaluator.network)
      let tally = try evaluator.tally(
        of: task, on: dataset, samples: samples, shouldStop: shouldStop,
        progress: { progress(dataset.path, $0, samples.count) })
      let result = (tally.report, task.predictions(in: tally, samples: samples, of: dataset))
      known[dataset.path] = result
      return result
    }
    func applied(to dataset: Dataset) throws -> Task {
      try requireInput(dataset)
      return try task.applied(to: dataset)
    }
    let sourcePath = state.configuration.data.path
    let sourceDataset =
      FileManager.default.fileExists(atPath: sourcePath) ? try Dataset(opening: sourcePath) : nil
    let domains = try pool.use { try paths.map(evaluated) }
    func evaluated(_ path: String) throws -> DomainEvaluation<Task.Report> {
      let dataset = try path == sourcePath ? sourceDataset ?? Dataset(opening: path) : Dataset(opening: path)
      let task = try applied(to: dataset)
      let domain = try measured(task, on: dataset)
      var source: Task.Report?
      if task.incomparability == nil, let sourceDataset {
        source = try measured(applied(to: sourceDataset), on: sourceDataset).report
      }
      return DomainEvaluation(
        name: dataset.name, path: path, split: split.rawValue, report: domain.report,
        drop: SourceDrop(
          of: Task.metrics[0], from: source?.metrics, to: domain.report.metrics,
          incomparability: task.incomparability),
        predictions: domain.predictions)
    }
    return RunEvaluation(weights: weights, domains: domains)
  }

  /// Throws unless the network takes what a dataset holds.
  package func requireInput(_ dataset: Dataset) throws {
    guard try FeatureBackbone(of: dataset, layers: layers) == state.features else {
      let wanted = state.features == nil ? "images" : "feature maps made as those of \(state.configuration.data.path)"
      throw TrainingError(
        "\(dataset.path): the run was trained on \(wanted), expected the same here; make them with bulkhead features")
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
