internal import Support

/// An evaluation of some task, ready to be shown.
package protocol EvaluationOutput: Encodable, Sendable {
  /// The evaluation for a terminal.
  var text: String { get }
  /// Every prediction as CSV.
  var predictionsText: String { get }
}

/// A run's network evaluated on one or more domains, as `bulkhead evaluate --json` writes it.
package struct RunEvaluation<Report: TaskReport>: Codable, Sendable, Equatable {
  /// The checkpoint, `best` or `last`, or the file of weights that a configuration names.
  package var weights: String
  /// One evaluation per dataset.
  package var domains: [DomainEvaluation<Report>]

  /// The evaluation of some weights on some datasets.
  package init(weights: String, domains: [DomainEvaluation<Report>]) {
    (self.weights, self.domains) = (weights, domains)
  }
}

extension RunEvaluation: EvaluationOutput {
  /// The evaluations for a terminal.
  package var text: String { domains.map(\.text).joined(separator: "\n") }

  /// One line for each sample: the dataset, then the task's columns.
  package var predictionsText: String {
    var table = CSVText(header: ["dataset"] + Report.Prediction.columns)
    for domain in domains {
      for prediction in domain.predictions { table.add([domain.name] + prediction.fields) }
    }
    return table.text
  }
}

/// The evaluation on one domain; predictions are written apart.
package struct DomainEvaluation<Report: TaskReport>: Codable, Sendable, Equatable {
  /// The dataset's name.
  package var name: String
  /// The path of the dataset.
  package var path: String
  /// The part of the dataset: `test`, `validation` or `train`.
  package var split: String
  /// The task's report on the samples.
  package var report: Report
  /// The drop from the source domain.
  package var drop: SourceDrop
  /// The classes that alone both sides of the drop are measured on; nil where these are all of the network's.
  package var dropClasses: [String]?
  /// One prediction per sample; not part of the JSON.
  package var predictions: [Report.Prediction] = []

  private enum CodingKeys: String, CodingKey { case name, path, split, report, drop, dropClasses }

  /// The evaluation on one dataset.
  package init(
    name: String, path: String, split: String, report: Report, drop: SourceDrop, dropClasses: [String]? = nil,
    predictions: [Report.Prediction] = []
  ) {
    (self.name, self.path, self.split, self.report, self.drop) = (name, path, split, report, drop)
    self.dropClasses = dropClasses
    self.predictions = predictions
  }

  /// The evaluation for a terminal.
  package var text: String {
    let dropText =
      switch drop {
      case .points(let points):
        "drop from the source  \(points.formatted(digits: 1)) points"
          + (dropClasses.map { ", both on images of \(Self.counted($0)) alone: \($0.listed)" } ?? "")
      case .none(let reason): "no drop from the source: \(reason)"
      }
    return "\(name)  (\(path), \(split))\n\n\(report.text)\n\(dropText)\n"
  }

  private static func counted(_ classes: [String]) -> String {
    classes.count == 1 ? "1 class" : "\(classes.count) classes"
  }
}
