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
  /// What the network is trained for; nil is classification.
  package var taskKind: TaskKind?
  /// Regions and detections; nil for other tasks than detection.
  package var detection: DetectionConfiguration?
  /// The network: a preset, layers or a Keras model, with its head.
  package var network: NetworkDescription
  /// The data and how they are served.
  package var data: DataConfiguration
  /// The initial weights; nil trains from scratch.
  package var weights: WeightsConfiguration?
  /// What is frozen: roles of layers (`backbone`, `hidden`, `classifier`) and patterns of parameter names, such as
  /// `features.conv1*`.
  package var freeze: [FreezeRule]
  /// The training loss.
  package var loss: LossConfiguration
  /// The optimizer with its learning rate and weight decay.
  package var optimizer: OptimizerConfiguration
  /// The learning rate schedule.
  package var schedule: Schedule
  /// The number of epochs.
  package var epochs: Int
  /// How the run was extended after it began, in order; nil if it was not.
  package var extensions: [RunExtension]?
  /// The validation metric that selects the best epoch, ends a run early, and chooses a study's learning rates; nil is the
  /// task's first, accuracy.
  package var select: SelectionMetric?
  /// Early stopping: epochs without an improvement on validation before the run ends; nil disables it.
  package var patience: Int?
  /// Steps between logged losses of single steps, beside the line per epoch; nil logs none.
  package var logEverySteps: Int?
  /// Whether metrics are also written as an event file for TensorBoard.
  package var tensorBoard: Bool
  /// When checkpoints are written and how many are kept.
  package var checkpoint: CheckpointConfiguration
  /// What to do about a loss or gradient that is not finite.
  package var onNonFinite: NonFinitePolicy

  /// The default configuration on a dataset.
  package init(data: DataConfiguration) {
    (seed, threads, network, self.data) = (1, ProcessInfo.processInfo.activeProcessorCount, NetworkDescription(), data)
    (weights, freeze, optimizer, schedule) = (nil, [], OptimizerConfiguration(), Schedule())
    (precision, patience, logEverySteps, loss, tensorBoard) = (.float32, nil, nil, LossConfiguration(), false)
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
    taskKind = try container.decodeIfPresent(TaskKind.self, forKey: .taskKind)
    detection = try container.decodeIfPresent(DetectionConfiguration.self, forKey: .detection)
    try container.require(
      detection == nil || taskKind == .detection, .detection, "it has no effect without task: detection")
    if taskKind == .detection { detection = detection ?? DetectionConfiguration() }
    network = try container.decode(.network, or: network)
    weights = try container.decodeIfPresent(WeightsConfiguration.self, forKey: .weights)
    freeze = try container.decode(.freeze, or: freeze)
    loss = try container.decode(.loss, or: loss)
    try container.require(
      loss.classWeights != .balanced || data.sampling != .balanced, .loss,
      "classWeights: balanced and data.sampling: balanced each balance the classes alone; remove one of them")
    optimizer = try container.decode(.optimizer, or: optimizer)
    schedule = try container.decode(.schedule, or: schedule)
    epochs = try container.decode(.epochs, or: epochs)
    extensions = try container.decodeIfPresent([RunExtension].self, forKey: .extensions)
    let lengths = (extensions ?? []).map(\.epochs) + [epochs]
    let steps = (extensions ?? []).map(\.afterStep)
    try container.require(
      zip(lengths, lengths.dropFirst()).allSatisfy(<) && zip(steps, steps.dropFirst()).allSatisfy(<=), .extensions,
      "expected steps in order, with fewer epochs each than after them")
    select = try container.decodeIfPresent(SelectionMetric.self, forKey: .select)
    try container.require(
      select.map { $0.judgesDetection == (taskKind == .detection) } ?? true, .select,
      "expected a metric of the task, \(taskKind == .detection ? "mAP, cocoAP or mAP11" : "accuracy, balancedAccuracy, macroF1 or loss")"
    )
    patience = try container.decodeIfPresent(Int.self, forKey: .patience)
    try container.require((patience ?? 1) >= 1, .patience, "expected at least 1 epoch")
    logEverySteps = try container.decodeIfPresent(Int.self, forKey: .logEverySteps)
    try container.require((logEverySteps ?? 1) >= 1, .logEverySteps, "expected at least 1 step")
    tensorBoard = try container.decode(.tensorBoard, or: false)
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
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: problem.path.split(separator: ".").map { Key(stringValue: String($0)) },
          debugDescription: problem.text))
    }
  }

  private struct Key: CodingKey {
    let stringValue: String
    let intValue: Int? = nil
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  private enum CodingKeys: String, CodingKey, OtherNames {
    case seed, threads, precision
    case taskKind = "task"
    case detection, network, data, weights, freeze, loss, optimizer, schedule, epochs, extensions
    case select, patience, logEverySteps, tensorBoard, checkpoint, onNonFinite

    static var otherNames: [String: String] {
      [
        "batch": "data.batch", "batchSize": "data.batch", "sampling": "data.sampling", "augment": "data.augment",
        "mixup": "data.augment.mixup", "classWeights": "loss.classWeights", "class_weight": "loss.classWeights",
        "labelSmoothing": "loss.labelSmoothing", "learningRate": "optimizer.learningRate",
        "lr": "optimizer.learningRate", "weightDecay": "optimizer.weightDecay", "earlyStopping": "patience",
        "rpn": "detection.network", "anchors": "detection.anchors", "monitor": "select", "metric": "select",
        "log": "tensorBoard", "logs": "tensorBoard",
      ]
    }
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
