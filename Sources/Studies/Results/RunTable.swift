internal import Statistics
package import Support
internal import Training

/// All runs of a study with their results, one row each.
package struct RunTable: Sendable {
  /// The names of the columns.
  package static let header = [
    "run", "phase", "arm", "regime", "source", "target", "size", "seed", "learningRate", "fold", "chosen", "inside",
    "bestEpoch", "trainAccuracy", "validationAccuracy", "selectedBy", "selectionScore", "testAccuracy", "testLower",
    "testUpper", "calibrationError",
    "parameters", "multiplyAccumulates", "seconds", "peakBytes",
  ]

  /// Source models first; a run of several cells has a row in each.
  package private(set) var rows: [[String]] = []

  /// - Throws: `FileError` where a run's evaluation is damaged.
  package init(_ progress: StudyProgress, costs: NetworkCosts) throws {
    for entry in progress.entries {
      switch entry {
      case .source(let run, let domain):
        let words = ["pretraining", run.arm, "full", "", domain, ""]
        rows.append(
          try Self.row(
            run, words, isChosen: true, inside: "", test: progress.testAccuracy(of: run), progress, costs))
      case .cell(let cell, _):
        let question = cell.question
        let words = [
          "finetuning", question.arm, question.regime.rawValue, question.source ?? "scratch", question.target,
          Self.text(question.size),
        ]
        let selection = entry.selection
        for run in entry.runs {
          let chosen = selection.flatMap { run.directory == $0.chosen.directory ? $0 : nil }
          rows.append(
            try Self.row(
              run, words, isChosen: chosen != nil, inside: chosen.map { $0.isInside ? "yes" : "no" } ?? "",
              test: chosen.flatMap(progress.testAccuracy(of:)), progress, costs))
        }
      }
    }
  }

  private static func row(
    _ run: PlannedRun, _ words: [String], isChosen: Bool, inside: String, test: Double?, _ progress: StudyProgress,
    _ costs: NetworkCosts
  ) throws -> [String] {
    let result = progress.result(of: run)
    let network = costs[run.configuration]
    let select = run.configuration.metrics[0].name
    let curve = result == nil ? nil : try? LearningCurve(of: run)
    let isDetector = run.configuration.taskKind == .detection
    let report = test == nil || isDetector ? nil : try run.directory.loadTest()?.domains.first?.report
    let cost = run.directory.loadCost()
    return [run.directory.name] + words + [
      "\(run.seed)", text(run.learningRate), text(run.configuration.data.fold.map { "\($0.index)/\($0.of)" }),
      isChosen ? "yes" : "no", inside, text(result?.bestEpoch),
      text(result.flatMap { curve?[epoch: $0.bestEpoch] }?.trainAccuracy),
      text(result?.validation[run.configuration.comparedBy.name]), select,
      text(result?.validation[select]),
      text(test), text(report?.accuracyInterval?.lower), text(report?.accuracyInterval?.upper),
      text(report?.calibrationError), text(network?.parameters), text(network?.multiplyAccumulates),
      text(cost?.seconds), text(cost?.peakBytes),
    ]
  }

  private static func text(_ value: (some Any)?) -> String { value.map { "\($0)" } ?? "" }

  /// The table as CSV, with a header.
  package var csv: CSVText {
    var table = CSVText(header: Self.header)
    for row in rows { table.add(row) }
    return table
  }
}
