internal import Serialization

/// The training loss: softmax cross-entropy with class weights and label smoothing. Validation uses neither.
package struct LossConfiguration: Codable, Sendable, Equatable {
  /// Weights of the classes; nil weights all alike.
  package var classWeights: ClassWeights?
  /// The share of every label that is spread evenly over all classes (Szegedy et al. 2016), 0 up to 1.
  package var labelSmoothing: Double

  /// A loss; default: plain cross-entropy.
  package init(classWeights: ClassWeights? = nil, labelSmoothing: Double = 0) {
    (self.classWeights, self.labelSmoothing) = (classWeights, labelSmoothing)
  }

  private enum CodingKeys: String, CodingKey { case classWeights, labelSmoothing }

  /// Decodes the keys of `loss`.
  /// - Throws: `DecodingError` for a value out of range.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    classWeights = try container.decodeIfPresent(ClassWeights.self, forKey: .classWeights)
    labelSmoothing = try container.decode(.labelSmoothing, or: 0)
    try container.require(
      labelSmoothing >= 0 && labelSmoothing < 1, .labelSmoothing, "expected 0 or more and below 1, such as 0.1")
  }
}

/// Weights of classes in the training loss.
package enum ClassWeights: Sendable, Equatable {
  /// n / (k · n_c) for n training samples of k classes, n_c of them of the class, as in scikit-learn.
  case balanced
  /// A weight above 0 for every class, by name.
  case byName([String: Double])

  /// n / (k · n_c) for each class, 0 for those without a sample.
  package static func balanced(_ labels: [Int], classes: Int) -> [Double] {
    var counts = [Int](repeating: 0, count: classes)
    for label in labels { counts[label] += 1 }
    let present = counts.count { $0 > 0 }
    return counts.map { $0 == 0 ? 0 : Double(labels.count) / (Double(present) * Double($0)) }
  }
}

extension ClassWeights: Codable {
  private struct Name: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { nil }
  }

  /// Decodes `balanced`, or a mapping of class names to weights.
  /// - Throws: `DecodingError` for anything else.
  package init(from decoder: any Decoder) throws {
    if let word = try? decoder.singleValueContainer().decode(String.self) {
      guard word == "balanced" else {
        throw DecodingError.dataCorrupted(
          .init(
            codingPath: decoder.codingPath,
            debugDescription:
              "expected balanced, or a weight for every class such as {cat: 1, dog: 2.5}, found \"\(word)\""))
      }
      self = .balanced
      return
    }
    let container = try decoder.container(keyedBy: Name.self)
    var weights: [String: Double] = [:]
    for key in container.allKeys {
      let weight = try container.decode(Double.self, forKey: key)
      try container.require(weight > 0, key, "expected a weight above 0")
      weights[key.stringValue] = weight
    }
    self = .byName(weights)
  }

  /// Encodes the word, or the weights by name in order.
  package func encode(to encoder: any Encoder) throws {
    switch self {
    case .balanced:
      var container = encoder.singleValueContainer()
      try container.encode("balanced")
    case .byName(let weights):
      var container = encoder.container(keyedBy: Name.self)
      for (name, weight) in weights.sorted(by: { $0.key < $1.key }) { try container.encode(weight, forKey: Name(name)) }
    }
  }
}
