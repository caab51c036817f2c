internal import Foundation
internal import Training

/// A study's report: one HTML file that needs no other, with the numbers of its figures and tables beside it.
package struct StudyReport {
  private let plan: StudyPlan
  private let analysis: StudyAnalysis
  private var record: StudyRecord
  private var arms: [ArmSummary] = []

  package init(_ progress: StudyProgress, analysis: StudyAnalysis) {
    (plan, self.analysis, record) = (progress.plan, analysis, StudyRecord(progress))
    for arm in plan.study.arms {
      arms.append(ArmSummary(arm.name, results: analysis.results, size: analysis.size, record: &record))
    }
  }

  /// Writes the report into the directory `report` of the study and gives the page's path.
  /// - Parameter file: the study's file, which is copied beside it.
  package mutating func write(from file: String) throws -> String {
    let directory = RunDirectory(RunDirectory(plan.directory).file("report"))
    try directory.createDirectory()
    let figures = StudyFigures(analysis: analysis).all
    for figure in figures { try RunDirectory.write(figure.csv.text, to: directory.file(figure.name + ".csv")) }
    let results = try record.writeTable()
    try RunDirectory.write(RunDirectory.read(results), to: directory.file("results.csv"))
    try RunDirectory.write(RunDirectory.read(file), to: directory.file("study.yaml"))
    try RunDirectory.write(script, to: directory.file("reproduce.sh"))
    let page = directory.file("index.html")
    try RunDirectory.write(
      ReportPage.html(title: "\(plan.study.name): are FC layers a firewall?", body: body(figures)), to: page)
    return page
  }

  private var script: String {
    let study = plan.study
    let data = study.domains.flatMap { [$0.source, $0.target] }.compactMap { $0 }
    return """
      #!/bin/sh
      # Runs the study of this report again; run it where these datasets lie:
      \(Set(data).sorted().map { "#   \($0)" }.joined(separator: "\n"))
      set -eu
      exec "${BULKHEAD:-bulkhead}" study run "$(dirname "$0")/study.yaml" --directory "${1:-checkpoints/\(study.name)-again}"

      """
  }

  private func body(_ figures: [Figure]) -> String {
    func show(_ names: [String]) -> String {
      names.compactMap { name in figures.first { $0.name == name }?.html }.joined()
    }
    let study = plan.study
    var body = "<h1>Are FC layers a firewall?</h1>\n"
    body += "<p class=\"dim\">Study <b>\(Markup.escaped(study.name))</b>: \(study.domains.count) domains, "
    body += "\(study.arms.count) arms, \(study.seeds.count) seeds, \(plan.cells.count) cells.</p>\n"
    body += "<p class=\"verdict\">\(Markup.escaped(analysis.sentence))</p>\n"
    body += "<h2>The claims</h2>\n" + claims
    body += "<h2>What to do on each target</h2>\n" + advice
    body += "<h2>Effect and distance</h2>\n" + show(["effect-distance", "accuracy-distance", "effects"]) + effects
    body += "<h2>Mechanism</h2>\n" + show(["mechanisms", "drift"])
    body += "<h2>Width, depth and cost</h2>\n" + costs
    body += "<h2>Accuracies</h2>\n" + accuracies + show(["sizes"])
    let curves = study.targets.map { "curves-\($0.name)" }
    body += "<h2>Learning and confidence</h2>\n<div class=\"grid2\">\(show(curves))</div>\n" + show(["reliability"])
    body += "<h2>Runs</h2>\n" + runs
    body += "<h2>Method</h2>\n" + StudyMethods(plan: plan, analysis: analysis).html
    return body
  }

  // MARK: Sections

  /// 0, A, B and C, one by one.
  private var claims: String {
    guard let pair = analysis.arms else { return "<p>One arm alone answers none.</p>\n" }
    let (first, second) = (pair.first, pair.second)
    let models = analysis.results.sourceAccuracies
    let zero = plan.study.sources.map { domain -> String in
      let a = models[first]?[domain.name] ?? []
      let b = models[second]?[domain.name] ?? []
      guard a.count == b.count, let interval = Interval(mean: zip(a, b).map { $0 - $1 }) else {
        return "\(domain.name): too few seeds"
      }
      return "\(domain.name): \(interval.points) points"
    }
    let far = analysis.verdict?.thirds.last
    let signText =
      far.map {
        "Mean Δ of the farthest third of pairs: \($0.interval.points) points, p \($0.adjustedP.formatted(digits: 3)) "
          + "(Holm over thirds)."
      } ?? "There are too few pairs with a gain by pretraining."
    let slope = analysis.verdict?.slope
    var slopeText = slope.map { "Slope \($0.interval.points) points a unit of MMD²" } ?? "The pairs determine no slope"
    if let apart = analysis.verdict?.slopeBetweenDomains {
      slopeText += "; without pairs of a domain with itself \(apart.interval.points)"
    }
    if let p = analysis.verdict?.assignmentP { slopeText += "; p by quadratic assignment \(p.formatted(digits: 3))" }
    let parts = analysis.contrasts.map {
      "\($0.name) \($0.interval.points), p \($0.adjustedP.formatted(digits: 3))"
    }
    let rows = [
      [
        "0", "On the source itself \(second) predicts as well as \(first)",
        "\(first) − \(second) of source models: " + zero.joined(separator: "; ") + ".",
      ],
      ["A", "\(first) has the advantage on far targets", signText],
      ["B", "The advantage grows with distance", slopeText + "."],
      [
        "C", "What makes it",
        parts.isEmpty ? "The study has no arms that could tell." : parts.joined(separator: "; ") + ".",
      ],
    ]
    let items = rows.map { row in
      "<dt><b>\(row[0])</b> \(Markup.escaped(row[1]))</dt><dd>\(Markup.escaped(row[2]))</dd>"
    }
    return "<dl>\(items.joined(separator: "\n"))</dl>\n"
      + (analysis.verdict?.requirement.map { "<p class=\"dim\">What would change it: \(Markup.escaped($0.text))</p>\n" }
        ?? "")
  }

  /// For each pair which head to keep, and what that costs.
  private var advice: String {
    guard let pair = analysis.arms else { return "" }
    let sizes = arms.reduce(into: [String: Int]()) { $0[$1.arm] = $1.parameters }
    let ratio = sizes[pair.first].flatMap { a in sizes[pair.second].map { Double(a) / Double($0) } }
    let rows = analysis.pairs.compactMap { one -> [String]? in
      let differences = analysis.results.differences(
        .init(pair.first, from: one.source, on: one.target, size: analysis.size),
        .init(pair.second, from: one.source, on: one.target, size: analysis.size))
      guard let interval = Interval(mean: differences) else { return nil }
      let words = interval.lower > 0 ? "keep \(pair.first)" : interval.upper < 0 ? "take \(pair.second)" : "undecided"
      let mean = (interval.estimate > 0 ? "+" : "") + (100 * interval.estimate).formatted(digits: 1)
      return [one.source, one.target, words, "\(mean) ± \((100 * interval.halfWidth).formatted(digits: 1))"]
    }
    let cost = ratio.map { " Keeping \(pair.first) costs \($0.formatted(digits: 1)) × the parameters." } ?? ""
    return Markup.table(["source", "target", "advice", "\(pair.first) − \(pair.second), points"], rows, leading: 3)
      + "<p class=\"dim\">Both pretrained, regime full; 95 % intervals over seeds.\(Markup.escaped(cost))</p>\n"
  }

  private var effects: String {
    let rows = analysis.pairs.map { pair in
      [
        pair.source, pair.target, pair.interval?.points ?? "–", pair.adjustedP?.formatted(digits: 3) ?? "–",
        pair.pretrained?.percent(signed: true) ?? "–", pair.scratch?.percent(signed: true) ?? "–",
      ] + pair.gains.map { $0?.points ?? "–" } + [
        pair.isTransfer ? "yes" : "no", pair.distance?.discrepancy.formatted(digits: 4) ?? "–",
        pair.distance?.p.formatted(digits: 3) ?? "–",
        pair.distance?.primary.proxyText ?? "–",
        pair.distance.map { (100 * $0.labelOverlap).formatted(digits: 0) } ?? "–",
      ]
    }
    let names = analysis.arms.map { ["gain of \($0.first)", "gain of \($0.second)"] } ?? []
    return Markup.table(
      ["source", "target", "Δ", "p (Holm)", "pretrained", "scratch"] + names
        + ["in verdict", "MMD²", "p", "A-distance", "labels shared, %"], rows, leading: 2)
  }

  private var costs: String {
    let rows = arms.map { arm in
      [
        arm.arm, arm.accuracy?.percent() ?? "–", arm.gap?.percent(signed: true) ?? "–",
        arm.parameters.map(String.init) ?? "–", arm.multiplyAdds.map { (Double($0) / 1e6).formatted(digits: 2) } ?? "–",
        arm.seconds?.formatted(digits: 1) ?? "–",
        arm.peakBytes.map { (Double($0) / 1e6).formatted(digits: 0) } ?? "–",
      ]
    }
    return Markup.table(
      [
        "arm", "accuracy, %", "train − test, points", "parameters", "million multiply-adds", "seconds a run", "peak MB",
      ],
      rows)
      + "<p class=\"dim\">Pretrained, regime full, mean over pairs and seeds ± standard error; the largest network "
      + "and peak of each arm.</p>\n"
  }

  private var accuracies: String {
    let table = analysis.accuracies
    return Markup.table(table.header, table.rows, leading: 3)
  }

  /// Every tested run with its directory.
  private var runs: String {
    var rows: [[String]] = []
    for cell in plan.cells {
      guard let selection = analysis.results.selections[cell.question] else { continue }
      let question = cell.question
      rows.append([
        selection.chosen.directory.name, question.arm, question.regime.rawValue, question.source ?? "scratch",
        question.target, question.size.map(String.init) ?? "", "\(question.seed)",
        selection.chosen.rate.map { "\($0)" } ?? "", selection.isInside ? "inside" : "at the edge",
        selection.score.accuracy.map { (100 * $0).formatted(digits: 1) } ?? "–",
        analysis.results.accuracies[question].map { (100 * $0).formatted(digits: 1) } ?? "–",
      ])
    }
    return "<details><summary>\(rows.count) cells, each with the directory of the run that validation chose</summary>\n"
      + Markup.table(
        [
          "run", "arm", "regime", "source", "target", "size", "seed", "rate", "in its grid", "validation, %", "test, %",
        ],
        rows, leading: 5) + "</details>\n<p><a href=\"results.csv\">results.csv</a> has every run.</p>\n"
  }
}
