/// Sums over the steps of the current epoch.
package struct EpochSums: Sendable, Equatable {
  /// The steps' mean losses, each times its samples.
  package private(set) var loss = 0.0
  /// Training samples so far in the epoch.
  package private(set) var samples = 0
  /// The task's counts, by name.
  package private(set) var counts: [String: Double]

  /// No step yet.
  package init(counting names: [String]) {
    counts = Dictionary(uniqueKeysWithValues: names.map { ($0, 0) })
  }

  /// Adds a step, or a part of one.
  mutating func add(loss: Double, samples: Int, counts more: [String: Double]) {
    self.loss += loss * Double(samples)
    self.samples += samples
    counts.merge(more, uniquingKeysWith: +)
  }

  /// The epoch's mean loss, with what else the task makes of the sums.
  func metrics(of task: some TrainingTask) -> [String: Double] {
    var metrics = task.trainingMetrics(counts: counts, samples: samples)
    metrics["loss"] = loss / Double(samples)
    return metrics
  }
}

/// Keys of the object that holds the sums beside others: `epochLoss`, `epochSamples`, and the counts in the same way.
extension EpochSums: Codable {
  private static let phase = MetricKey.Phase.epoch

  /// Decodes the sums.
  /// - Throws: `DecodingError` for a missing sum.
  package init(from decoder: any Decoder) throws {
    let (ofLoss, ofSamples) = (MetricKey(Self.phase, "loss"), MetricKey(Self.phase, "samples"))
    let container = try decoder.container(keyedBy: MetricKey.self)
    loss = try container.decode(Double.self, forKey: ofLoss)
    samples = try container.decode(Int.self, forKey: ofSamples)
    counts = try decoder.metrics(of: Self.phase, besides: [ofLoss.stringValue, ofSamples.stringValue])
  }

  /// Encodes the sums.
  package func encode(to encoder: any Encoder) throws {
    var values = counts
    (values["loss"], values["samples"]) = (loss, Double(samples))
    try encoder.encode(values, of: Self.phase)
  }
}
