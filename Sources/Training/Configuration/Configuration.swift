internal import Foundation
package import Kernels
package import Layers
package import Networks
package import Optimizers
internal import Serialization
internal import Support

/// The whole configuration of one training run.
package struct Configuration: Codable, Sendable, Equatable {
  /// Fixes initialization, drawn images, order, sizes and dropout.
  package var seed: UInt64
  /// Compute threads.
  package var threads: Int
  /// The precision of products in linear layers and convolutions while training; evaluation always uses float32.
  package var precision: Precision
  /// The network: a preset, layers or a Keras model, with its head.
  package var network: NetworkDescription
  /// The data and how they are served.
  package var data: DataConfiguration
  /// The initial weights; nil trains from scratch.
  package var weights: WeightsConfiguration?
  /// What is frozen: roles of layers (`backbone`, `hidden`, `classifier`) and patterns of parameter names, such as
  /// `features.conv1*`.
  package var freeze: [FreezeRule]
  /// The optimizer with its learning rate and weight decay.
  package var optimizer: OptimizerConfiguration
  /// The learning rate schedule.
  package var schedule: Schedule
  /// The number of epochs.
  package var epochs: Int
  /// Early stopping: epochs without an improvement on validation before the run ends; nil disables it.
  package var patience: Int?
  /// Steps between logged losses of single steps, beside the line per epoch; nil logs none.
  package var logEverySteps: Int?
  /// When checkpoints are written and how many are kept.
  package var checkpoint: CheckpointConfiguration
  /// What to do about a loss or gradient that is not finite.
  package var onNonFinite: NonFinitePolicy

  /// The default configuration on a dataset.
  package init(data: DataConfiguration) {
    (seed, threads, network, self.data) = (1, ProcessInfo.processInfo.activeProcessorCount, NetworkDescription(), data)
    (weights, freeze, optimizer, schedule) = (nil, [], OptimizerConfiguration(), Schedule())
    (precision, patience, logEverySteps) = (.float32, nil, nil)
    (epochs, checkpoint, onNonFinite) = (10, CheckpointConfiguration(), .stop)
  }

  /// Decodes a configuration file.
  /// - Throws: `DecodingError` for a missing key or a value out of range.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(data: try container.decode(DataConfiguration.self, forKey: .data))
    seed = try container.decode(.seed, or: seed)
    threads = try container.decode(.threads, or: threads)
    precision = try container.decode(.precision, or: precision)
    network = try container.decode(.network, or: network)
    weights = try container.decodeIfPresent(WeightsConfiguration.self, forKey: .weights)
    freeze = try container.decode(.freeze, or: freeze)
    optimizer = try container.decode(.optimizer, or: optimizer)
    schedule = try container.decode(.schedule, or: schedule)
    epochs = try container.decode(.epochs, or: epochs)
    patience = try container.decodeIfPresent(Int.self, forKey: .patience)
    try container.require((patience ?? 1) >= 1, .patience, "expected at least 1 epoch")
    logEverySteps = try container.decodeIfPresent(Int.self, forKey: .logEverySteps)
    try container.require((logEverySteps ?? 1) >= 1, .logEverySteps, "expected at least 1 step")
    checkpoint = try container.decode(.checkpoint, or: checkpoint)
    let why = "a run of a fold or without validation ends with the weights of its last epoch"
    try container.require(patience == nil || !data.endsWithLastEpoch, .patience, "\(why); remove patience")
    try container.require(
      checkpoint.keepBest == 1 || !data.endsWithLastEpoch, .checkpoint, "\(why); remove keepBest")
    onNonFinite = try container.decode(.onNonFinite, or: onNonFinite)
    try container.require((1...1024).contains(threads), .threads, "expected 1 to 1024 threads, found \(threads)")
    try container.require(
      (1...1_000_000).contains(epochs), .epochs, "expected 1 to 1000000 epochs, found \(epochs)")
    try container.require(
      optimizer.accumulate <= data.batch, .optimizer,
      "accumulate is \(optimizer.accumulate); expected at most data.batch, \(data.batch), so that every part has an image"
    )
    if let problem = network.problem ?? optimizer.problem ?? schedule.problem {
      throw Self.error(for: problem)
    }
  }

  /// The error for a problem that begins with the path of its key.
  private static func error(for problem: String) -> DecodingError {
    let path = problem.prefix { $0 != " " }
    return .dataCorrupted(
      .init(
        codingPath: path.split(separator: ".").map { Key(stringValue: String($0)) },
        debugDescription: String(problem.dropFirst(path.count + 1))))
  }

  private struct Key: CodingKey {
    let stringValue: String
    let intValue: Int? = nil
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}

extension Configuration {
  /// The configuration with the network of a Keras file written out as its layers.
  /// - Throws: `FileError` where the file cannot be read or has layers that are not known.
  package func resolved() throws -> Configuration {
    var result = self
    result.network = try network.resolved()
    return result
  }

  /// Reads a configuration file and lays the assignments of `--set` over it.
  /// - Parameter layers: the kinds of layers that it can name.
  /// - Throws: `FileError` if the file is missing, `YAMLError` if something in it is wrong.
  package init(path: String, settings: [String] = [], layers: LayerRegistry = .standard) throws {
    var node = try YAMLNode(parsing: TextFile.read(path), source: path)
    for setting in settings { try node.set(setting) }
    self = try StrictDecoder(source: path, userInfo: layers.userInfo).decode(Configuration.self, from: node)
  }
}
