internal import Statistics
internal import Studies
internal import Support
internal import Training

/// The tables behind the figures.
struct TableSection {
  let evidence: Evidence
  private var analysis: StudyAnalysis { evidence.analysis }
  private var study: Study { evidence.study }

  /// A table with the name of its CSV file.
  struct Named {
    var name: String
    var table: DataTable

    var html: String { table.html + Markup.csvLink(name + ".csv") }
  }

  /// Δ of each pair with its gains and distances.
  var pairs: Named? {
    guard let arms = analysis.arms else { return nil }
    let second = analysis.results.distances?.secondDescriptor
    let hasTask = analysis.pairs.contains { $0.taskDistance != nil }
    var columns = [
      "source", "target", "Δ", "p (Holm)", "difference pretrained", "from scratch", "gain of \(arms.first)",
      "gain of \(arms.second)", "in verdict", "MMD²", "p of MMD²", "A-distance",
    ]
    if let second { columns.append("MMD² of \(second.rawValue)") }
    if hasTask { columns.append("−LEEP") }
    var table = DataTable(columns: columns + ["classes shared, %"], leading: 2, hasLinks: true)
    for pair in analysis.pairs {
      var fields: [DataTable.Field] = [
        .text(pair.source), .text(pair.target), .interval(pair.interval), .number(pair.adjustedP, digits: 4),
        .estimate(pair.pretrained, isSigned: true), .estimate(pair.scratch, isSigned: true),
      ]
      fields += pair.gains.map { .interval($0) }
      fields += [
        .text(pair.isTransfer ? "yes" : "no"), .number(pair.distance?.discrepancy, digits: 4),
        .number(pair.distance?.p, digits: 3), .text(pair.distance?.primary.proxyText ?? "–"),
      ]
      if second != nil { fields.append(.number(pair.distance?.second?.discrepancy, digits: 4)) }
      if hasTask { fields.append(.number(pair.taskDistance, digits: 3)) }
      fields.append(.number(pair.distance.map { 100 * $0.labelOverlap }, digits: 0))
      table.add(fields, runs: evidence.runNames(pair))
    }
    return Named(name: "pairs", table: table)
  }

  /// Test accuracy of every condition.
  var accuracies: Named {
    var table = DataTable(
      columns: [
        "arm", "regime", "pretrained on", "target", "images per class", "seeds", "test \(evidence.measure), %",
      ],
      leading: 4,
      hasLinks: true)
    for target in study.targets.map(\.name) {
      for size in study.sizes.isEmpty ? [nil] : study.sizes.sorted().map(Optional.some) {
        for arm in study.arms {
          for source in study.sources.map({ Optional($0.name) }) + [nil] {
            for regime in Regime.allCases {
              let condition = StudyResults.Condition(arm.name, regime: regime, from: source, on: target, size: size)
              let values = evidence.results.accuracies(condition)
              guard !values.isEmpty else { continue }
              table.add(
                [
                  .text(arm.name), .text(regime.rawValue), .text(source ?? "scratch"), .text(target),
                  .number(size.map(Double.init), digits: 0), .number(Double(values.count), digits: 0),
                  .estimate(Estimate(values)),
                ], runs: evidence.runNames([condition]))
            }
          }
        }
      }
    }
    return Named(name: "accuracies", table: table)
  }

  /// What each arm costs and how it overfits, in the primary analysis.
  var costs: Named {
    var table = DataTable(
      columns: [
        "arm", "\(evidence.measure), %", "train − test, percentage points", "parameters", "million MACs",
        "seconds per run",
        "peak MB",
      ], hasLinks: true)
    for arm in study.arms.map(\.name) {
      let conditions = evidence.conditions(of: arm, size: evidence.size)
      let runs = conditions.flatMap(evidence.runs)
      table.add(
        [
          .text(arm), .estimate(Estimate(evidence.means(over: conditions) { $1 })),
          .estimate(
            Estimate(
              evidence.means(over: conditions) { run, accuracy in
                run.trainAccuracy.flatMap { train in accuracy.map { train - $0 } }
              }), isSigned: true),
          .number(runs.compactMap { $0.network?.parameters }.max().map(Double.init), digits: 0),
          .number(runs.compactMap { $0.network?.multiplyAccumulates }.max().map { Double($0) / 1e6 }, digits: 2),
          .number(Estimate(runs.compactMap { $0.cost?.seconds })?.mean, digits: 2),
          .number(runs.compactMap { $0.cost?.peakBytes }.max().map { Double($0) / 1e6 }, digits: 0),
        ], runs: runs.map(\.name))
    }
    return Named(name: "costs", table: table)
  }

  /// Accuracies of source models on their own test images.
  var sources: Named {
    var table = DataTable(
      columns: ["arm", "trained on", "seeds", "test \(evidence.measure), %"], leading: 2, hasLinks: true)
    for arm in study.arms where arm.pretrained == nil {
      for domain in study.sources.map(\.name) {
        let values = evidence.results.sourceAccuracies[arm.name]?[domain] ?? []
        table.add(
          [.text(arm.name), .text(domain), .number(Double(values.count), digits: 0), .estimate(Estimate(values))],
          runs: evidence.sourceModels.filter { $0.arm == arm.name && $0.domain == domain }.map(\.name))
      }
    }
    return Named(name: "source-models", table: table)
  }

  /// Every chosen run and every source model, each a link to its directory.
  var runs: String {
    let columns = [
      "run", "arm", "regime", "pretrained on → target", "images", "seed", "learning rate", "in its grid",
      "validation, %",
      "test, %",
    ]
    var rows = evidence.sourceModels.map { model in
      [model.name, model.arm, "source model", model.domain, "", "\(model.seed)", "", "", "", ""]
    }
    for cell in evidence.plan.cells {
      guard let run = evidence.runs[cell.question] else { continue }
      let question = cell.question
      rows.append([
        run.name, question.arm, question.regime.rawValue, "\(question.source ?? "scratch") → \(question.target)",
        question.size.map(String.init) ?? "", "\(question.seed)",
        run.selection.chosen.learningRate.map { "\($0)" } ?? "",
        run.selection.hasDiverged ? "diverged" : run.selection.isInside ? "inside" : "at the edge",
        run.selection.score.value.map { (100 * $0).formatted(digits: 2) } ?? "–",
        evidence.results.accuracies[question].map { (100 * $0).formatted(digits: 2) } ?? "–",
      ])
    }
    let header = columns.enumerated().map { "<th scope=\"col\"\($0 < 4 ? " class=\"text\"" : "")>\($1)</th>" }
    let lines = rows.map { row in
      let cells = row.enumerated().map { index, text in
        let text = Markup.escaped(text)
        let shown = index == 0 ? "<a href=\"../\(text)/\">\(text)</a>" : text
        return index < 4 ? "<td class=\"text\">\(shown)</td>" : "<td>\(shown)</td>"
      }
      return "<tr>\(cells.joined())</tr>\n"
    }
    return Markup.details(
      "\(rows.count) runs: the source models, and of every cell the run that validation chose", style: "long",
      "<div class=\"wide\"><table class=\"runs\">\n<thead><tr>\(header.joined())</tr></thead>\n<tbody>\n\(lines.joined())"
        + "</tbody></table></div>\n")
      + "<p class=\"dim\">A run's directory holds its configuration, metrics, result, cost and evaluation. "
      + "<a href=\"results.csv\">results.csv</a> has every run, also those not chosen; "
      + "<a href=\"confusion-runs.csv\">confusion-runs.csv</a> and "
      + "<a href=\"reliability-runs.csv\">reliability-runs.csv</a> what each chosen one predicts for the test images.</p>\n"
  }
}
