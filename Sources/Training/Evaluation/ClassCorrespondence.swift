/// How the classes of a data set correspond to those of a network: by name, by position, or not at all.
package enum ClassCorrespondence: Sendable, Equatable {
  /// Every class of the data set is one of the network's; `outputs[label]` is its place among the outputs.
  case byName(outputs: [Int])
  /// As many classes, but other names: labels are compared by position, which says little unless fine-tuned there.
  case byPosition

  /// - Returns: nil where labels of the data set have no place among the network's outputs.
  package init?(of dataClasses: [String], to networkClasses: [String]) {
    let outputs = dataClasses.compactMap { networkClasses.firstIndex(of: $0) }
    if outputs.count == dataClasses.count, Set(outputs).count == outputs.count {
      self = .byName(outputs: outputs)
    } else if dataClasses.count == networkClasses.count {
      self = .byPosition
    } else {
      return nil
    }
  }

  /// The network's output for a label of the data set.
  package func output(for label: Int) -> Int {
    switch self {
    case .byName(let outputs): outputs[label]
    case .byPosition: label
    }
  }
}

/// How much accuracy a network loses from its source to another domain, or why that cannot be said.
package enum SourceDrop: Sendable, Equatable {
  /// Source accuracy minus the domain's, in points of a hundred.
  case points(Double)
  case none(reason: String)

  package init(from source: EvaluationReport?, to domain: EvaluationReport, _ classes: ClassCorrespondence) {
    switch (source, classes) {
    case (_, .byPosition): self = .none(reason: "its classes are named differently from the source's")
    case (nil, .byName): self = .none(reason: "the source's own test images were not at hand")
    case (let source?, .byName): self = .points(100 * (source.accuracy - domain.accuracy))
    }
  }
}

extension SourceDrop: Codable {
  private enum CodingKeys: String, CodingKey { case points, reason }

  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    if let points = try container.decodeIfPresent(Double.self, forKey: .points) {
      self = .points(points)
    } else {
      self = .none(reason: try container.decode(String.self, forKey: .reason))
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .points(let points): try container.encode(points, forKey: .points)
    case .none(let reason): try container.encode(reason, forKey: .reason)
    }
  }
}
