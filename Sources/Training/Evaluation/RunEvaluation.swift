import Support

/// A run's network evaluated on one or more domains, as `bulkhead evaluate --json` writes it.
package struct RunEvaluation: Codable, Sendable, Equatable {
  /// The checkpoint, `best` or `last`, or the file of weights that a configuration names.
  package var weights: String
  package var domains: [DomainEvaluation]

  package init(weights: String, domains: [DomainEvaluation]) { (self.weights, self.domains) = (weights, domains) }
}

/// The evaluation on one domain; predictions are written apart.
package struct DomainEvaluation: Codable, Sendable, Equatable {
  /// The dataset's name.
  package var name: String
  package var path: String
  /// The part of the dataset: `test`, `validation` or `train`.
  package var split: String
  package var report: EvaluationReport
  package var drop: SourceDrop
  package var predictions: [Prediction] = []

  private enum CodingKeys: String, CodingKey { case name, path, split, report, drop }

  package init(
    name: String, path: String, split: String, report: EvaluationReport, drop: SourceDrop,
    predictions: [Prediction] = []
  ) {
    (self.name, self.path, self.split, self.report, self.drop) = (name, path, split, report, drop)
    self.predictions = predictions
  }

  /// The evaluation for a terminal.
  package var text: String {
    let dropText =
      switch drop {
      case .points(let points): "drop from the source  \(points.formatted(digits: 1)) points"
      case .none(let reason): "no drop from the source: \(reason)"
      }
    return "\(name)  (\(path), \(split))\n\n\(report.text)\n\(dropText)\n"
  }
}
