internal import Datasets
internal import Kernels
internal import Layers
internal import Networks

extension TrainingState: Codable {
  /// `task` is present if it is not the configuration's, `outputs` if they are not one per class; the keys
  /// of the sums lie beside these.
  private enum CodingKeys: String, CodingKey {
    case version, configuration, environment, task, classNames, outputs, images, channels, hasBoxes, checksums, step
    case stepsPerEpoch, features, kept, log, anchoredEpochs, skipped, skippedInRow, rollbacks
  }

  /// Decodes the JSON of a checkpoint.
  /// - Throws: `DecodingError` for a missing key or a value of another type.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    version = try container.decode(Int.self, forKey: .version)
    configuration = try container.decode(Configuration.self, forKey: .configuration)
    environment = try container.decode(Environment.self, forKey: .environment)
    task = try container.decodeIfPresent(String.self, forKey: .task) ?? configuration.task.name
    classNames = try container.decode([String].self, forKey: .classNames)
    outputs = try container.decodeIfPresent(Int.self, forKey: .outputs) ?? classNames.count
    images = try container.decodeIfPresent(ImagePreparation.self, forKey: .images)
    channels = try container.decode(Int.self, forKey: .channels)
    hasBoxes = try container.decode(Bool.self, forKey: .hasBoxes)
    checksums = try container.decode([String: UInt32].self, forKey: .checksums)
    step = try container.decode(Int.self, forKey: .step)
    stepsPerEpoch = try container.decode(Int.self, forKey: .stepsPerEpoch)
    features = try container.decodeIfPresent(FeatureBackbone.self, forKey: .features)
    sums = try EpochSums(from: decoder)
    kept = try container.decode([Best].self, forKey: .kept)
    log = try container.decode(MetricsLog.Extent.self, forKey: .log)
    anchoredEpochs = try container.decode([Int].self, forKey: .anchoredEpochs)
    skipped = try container.decode(Int.self, forKey: .skipped)
    skippedInRow = try container.decode(Int.self, forKey: .skippedInRow)
    rollbacks = try container.decode(Int.self, forKey: .rollbacks)
  }

  /// Encodes the JSON of a checkpoint.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(version, forKey: .version)
    try container.encode(configuration, forKey: .configuration)
    try container.encode(environment, forKey: .environment)
    if task != configuration.task.name { try container.encode(task, forKey: .task) }
    try container.encode(classNames, forKey: .classNames)
    if outputs != classNames.count { try container.encode(outputs, forKey: .outputs) }
    try container.encodeIfPresent(images, forKey: .images)
    try container.encode(channels, forKey: .channels)
    try container.encode(hasBoxes, forKey: .hasBoxes)
    try container.encode(checksums, forKey: .checksums)
    try container.encode(step, forKey: .step)
    try container.encode(stepsPerEpoch, forKey: .stepsPerEpoch)
    try container.encodeIfPresent(features, forKey: .features)
    try sums.encode(to: encoder)
    try container.encode(kept, forKey: .kept)
    try container.encode(log, forKey: .log)
    try container.encode(anchoredEpochs, forKey: .anchoredEpochs)
    try container.encode(skipped, forKey: .skipped)
    try container.encode(skippedInRow, forKey: .skippedInRow)
    try container.encode(rollbacks, forKey: .rollbacks)
  }
}

/// The metrics' names are keys beside `epoch`.
extension TrainingState.Best: Codable {
  private enum CodingKeys: String, CodingKey { case epoch }

  /// Decodes an epoch with its metrics.
  /// - Throws: `DecodingError` for a missing epoch.
  package init(from decoder: any Decoder) throws {
    epoch = try decoder.container(keyedBy: CodingKeys.self).decode(Int.self, forKey: .epoch)
    metrics = try decoder.metrics(of: nil, besides: [CodingKeys.epoch.stringValue])
  }

  /// Encodes an epoch with its metrics.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(epoch, forKey: .epoch)
    try encoder.encode(metrics, of: nil)
  }
}
