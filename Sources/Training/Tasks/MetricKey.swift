/// The key of a metric in a file: what was measured, then the metric's name, as in `validationLoss`.
struct MetricKey: CodingKey {
  /// What a metric was measured in or on.
  enum Phase: String {
    /// The current epoch.
    case epoch
    /// The epoch's training samples.
    case train
    case validation
  }

  let stringValue: String
  var intValue: Int? { nil }

  init(stringValue: String) { self.stringValue = stringValue }
  init?(intValue: Int) { nil }

  /// - Parameter phase: nil where the name alone is the key.
  init(_ phase: Phase?, _ name: String) {
    stringValue = phase.map { $0.rawValue + name.prefix(1).uppercased() + name.dropFirst() } ?? name
  }

  /// The metric's name; nil where the key is of another phase.
  func name(in phase: Phase?) -> String? {
    guard let phase else { return stringValue }
    let rest = stringValue.dropFirst(phase.rawValue.count)
    guard stringValue.hasPrefix(phase.rawValue), rest.first?.isUppercase == true else { return nil }
    return rest.prefix(1).lowercased() + rest.dropFirst()
  }
}

extension Metric {
  /// The key of its value on validation samples, in a run's log and result.
  package var validationKey: String { MetricKey(.validation, name).stringValue }
  /// The key of its value on an epoch's training samples, in a run's log.
  package var trainKey: String { MetricKey(.train, name).stringValue }
}

extension [String: Double] {
  /// Values by metric under the keys that they have in files.
  func keyed(_ phase: MetricKey.Phase) -> [String: Double] {
    Dictionary(uniqueKeysWithValues: map { (MetricKey(phase, $0.key).stringValue, $0.value) })
  }

  /// Those that are finite, as JSON knows no others.
  var finite: [String: Double] { filter(\.value.isFinite) }
}

extension Encoder {
  /// Writes values by metric beside the other keys of an object.
  func encode(_ metrics: [String: Double], of phase: MetricKey.Phase?) throws {
    var container = container(keyedBy: MetricKey.self)
    for (name, value) in metrics { try container.encode(value, forKey: MetricKey(phase, name)) }
  }
}

extension Decoder {
  /// Reads values by metric from among the keys of an object.
  func metrics(of phase: MetricKey.Phase?, besides others: Set<String> = []) throws -> [String: Double] {
    let container = try container(keyedBy: MetricKey.self)
    var metrics: [String: Double] = [:]
    for key in container.allKeys where !others.contains(key.stringValue) {
      if let name = key.name(in: phase) { metrics[name] = try container.decode(Double.self, forKey: key) }
    }
    return metrics
  }
}
