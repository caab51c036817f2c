internal import Datasets
package import Kernels
internal import Layers
internal import Networks
internal import Support
internal import Tensors
package import Training

/// Measures the drift of runs from one source model; what they share is computed once.
package struct DriftGauge {
  private let source: RunEvaluator
  private let pool: ThreadPool
  /// Patterns of layers that fine-tuning reinitialized, besides those of heads.
  private let reinitialized: [NamePattern]
  private let task: Classification
  private let test: [TaskBatch<Classification>]
  private let before: Double
  private var target: Target?

  /// Training images of a target, as runs with such settings read them, and the source model's activations.
  private struct Target {
    var data: DataConfiguration
    var batches: [Batch]
    var alignments: [String: KernelAlignment]
    var images: Int
  }

  /// The number of source test images that are classified, at most.
  static let testLimit = 200

  /// - Throws: `FileError` where weights or a dataset cannot be read, `Interruption.stopped`.
  package init(source run: RunDirectory, reinitialized: [String], pool: ThreadPool, shouldStop: () -> Bool) throws {
    source = try RunEvaluator(run, weights: .best, pool: pool)
    self.pool = pool
    self.reinitialized = reinitialized.map { NamePattern($0) }
    let dataset = try Dataset(opening: source.state.configuration.data.path, memoryLimit: 0)
    if let change = source.state.difference(from: dataset) {
      throw TrainingError("\(dataset.path): is not the dataset that \(run.path) was trained on: \(change); restore it")
    }
    let samples = dataset.drawn(Self.testLimit, of: .test, as: .source)
    let task = Classification(classNames: source.state.classNames)
    test = try source.batches(of: samples, in: dataset).map { try TaskBatch($0, for: task, in: dataset) }
    before = try Self.accuracy(of: source.evaluator, as: task, on: test, shouldStop)
    self.task = task
  }

  /// Compares a run with the source model.
  /// - Throws: `FileError` where weights or a dataset cannot be read, `Interruption.stopped`.
  package mutating func drift(of run: RunDirectory, shouldStop: () -> Bool) throws -> Drift {
    let tuned = try RunEvaluator(run, weights: .best, pool: pool)
    let target = try target(of: tuned, shouldStop)
    let activations = try Activations(of: tuned.evaluator, on: target.batches, shouldStop: shouldStop)
    let transfer = try tuned.state.transfer()
    let network = tuned.evaluator.network
    let classifier = network.classifierIndex.map { network.layers[$0].path }
    let drifts = drifts(of: tuned.evaluator.parameters, from: transfer)
    var layers: [Drift.Layer] = []
    for (path, values) in activations.layers where path != classifier {
      let similarity = target.alignments[path].flatMap { KernelAlignment(values).similarity(to: $0) }
      layers.append(Drift.Layer(path: path, weightDrift: drifts[path], similarity: similarity))
      // Layers within a residual one.
      for (part, drift) in drifts.sorted(by: { $0.key < $1.key }) where part.hasPrefix("\(path).") {
        layers.append(Drift.Layer(path: part, weightDrift: drift))
      }
    }
    return Drift(
      layers: layers, forgetting: try forgetting(of: tuned.evaluator, transfer, shouldStop),
      images: target.images)
  }

  private mutating func target(of tuned: RunEvaluator, _ shouldStop: () -> Bool) throws -> Target {
    let data = tuned.state.configuration.data
    if let target, target.data == data { return target }
    let dataset = try Dataset(opening: data.path, memoryLimit: 0)
    let batches = try tuned.batches(of: dataset.drawn(Dataset.measuredImages, of: .train, as: .target), in: dataset)
    try source.requireInput(dataset)
    let activations = try Activations(of: source.evaluator, on: batches, shouldStop: shouldStop)
    // Fewer images than four cannot be compared.
    let layers = activations.samples.count < 4 ? [] : activations.layers
    let new = Target(
      data: data, batches: batches,
      alignments: Dictionary(uniqueKeysWithValues: layers.map { ($0.path, KernelAlignment($0.values)) }),
      images: activations.samples.count)
    target = new
    return new
  }

  /// By layer, from where surgery on the source model's weights let it begin.
  private func drifts(of parameters: Parameters, from transfer: Transfer) -> [String: Double] {
    let first = transfer.parameters(from: source.evaluator.parameters).parameters
    var drifts: [String: Double] = [:]
    for (name, tensor) in parameters where name.hasSuffix(".weight") && !isReinitialized(name) {
      guard let drift = first[name].flatMap(tensor.relativeChange) else { continue }
      drifts[String(name.dropLast(".weight".count))] = drift
    }
    return drifts
  }

  private func isReinitialized(_ name: String) -> Bool {
    let path = name.split(separator: ".").dropLast()
    return reinitialized.contains { pattern in
      pattern.matches(name) || pattern.matches(path.joined(separator: ".")) || pattern.matches(String(path.last ?? ""))
    }
  }

  /// nil unless all layers below the classifier were the source model's and are of its kind.
  private func forgetting(
    of tuned: Evaluator, _ transfer: Transfer, _ shouldStop: () -> Bool
  ) throws -> Drift.Forgetting? {
    func body(_ network: Network) -> ArraySlice<Network.Layer> { network.layers.prefix(network.classifierIndex ?? 0) }
    let (old, new) = (body(source.evaluator.network), body(tuned.network))
    let names = new.flatMap(\.parameters).map(\.name)
    guard
      transfer.surgeries.isEmpty,
      !names.contains(where: { name in isReinitialized(name) || transfer.new.contains { name.hasPrefix("\($0).") } }),
      old.map(\.path) == new.map(\.path), old.flatMap(\.parameters) == new.flatMap(\.parameters),
      old.map(\.layer.title) == new.map(\.layer.title), !test.isEmpty
    else { return nil }
    var parameters = source.evaluator.parameters
    for name in names { parameters[name] = tuned.parameters[name] }
    let evaluator = Evaluator(
      network: source.evaluator.network, parameters: parameters, data: source.evaluator.data,
      batch: source.evaluator.batch)
    return Drift.Forgetting(
      before: before, after: try Self.accuracy(of: evaluator, as: task, on: test, shouldStop),
      images: test.reduce(0) { $0 + $1.input.samples.count })
  }

  private static func accuracy(
    of evaluator: Evaluator, as task: Classification, on test: [TaskBatch<Classification>], _ shouldStop: () -> Bool
  ) throws -> Double {
    var tally = task.emptyTally
    for batch in test {
      if shouldStop() { throw Interruption.stopped }
      evaluator.evaluate(batch, as: task, into: &tally)
    }
    return tally.report.accuracy
  }
}
