internal import Studies
internal import Support

/// The page's sections, and every CSV table beside it.
struct ReportParts {
  private(set) var sections: [(id: String, title: String, body: String)] = []
  private(set) var tables: [(file: String, csv: CSVText)] = []

  init(_ evidence: Evidence) {
    let answers = AnswerSection(evidence: evidence)
    let (effects, mechanism) = (EffectFigures(evidence: evidence), MechanismFigures(evidence: evidence))
    let (learning, confidence) = (LearningFigures(evidence: evidence), ConfidenceFigures(evidence: evidence))
    let widthDepth = WidthDepthFigures(evidence: evidence)
    let (table, method) = (TableSection(evidence: evidence), MethodSection(evidence: evidence))

    add("claims", "The claims", answers.claims)
    add("advice", "Advice for each target", answers.nearestAdvice + show(answers.advice))
    add("doubts", "Limits of the verdict", method.doubts)
    add(
      "distance", "Effect and distance", show(effects.all) + show(effects.others, sideBySide: true) + show(table.pairs))
    add(
      "mechanism", "Mechanism",
      show(mechanism.all) + mechanism.armsNote + show(mechanism.drifts) + mechanism.driftContrasts)
    add(
      "width-depth", "Width, depth and cost",
      show(widthDepth.all, sideBySide: true) + show(table.costs)
        + Markup.paragraph(
          "Pretrained, regime full, means over each arm's own pairs ± standard error over seeds; the largest network and peak.",
          style: "dim"))
    add(
      "accuracies", "Accuracies",
      show(learning.sizes, sideBySide: true)
        + Markup.details(
          "Test \(evidence.measure) of every condition, mean ± standard error over seeds",
          style: table.accuracies.table.isLong ? "long" : "", show(table.accuracies))
        + Markup.details("Source models on their own test images", show(table.sources)))
    let curves = learning.curves
    add(
      "learning", "Learning",
      show(curves.filter(\.isCompared).map(\.figure), sideBySide: true)
        + unfold("Learning curves of the other arms", curves.filter { !$0.isCompared }.map(\.figure)))
    let overall = confidence.reliability().map { [$0] } ?? []
    add(
      "confidence", "Confidence and confusion",
      show(overall) + confidence.byTarget.map { unfold("On \($0.target)", $0.figures) }.joined())
    tables += confidence.tables
    add("runs", "Runs", table.runs)
    add("method", "Method", method.method)
  }

  private mutating func add(_ id: String, _ title: String, _ body: String) { sections.append((id, title, body)) }

  private mutating func show(_ figures: [Figure], sideBySide: Bool = false) -> String {
    guard !figures.isEmpty else { return "" }
    tables += figures.map { ($0.file, $0.numbers.csv) }
    let body = figures.map(\.html).joined()
    return sideBySide ? "<div class=\"pair\">\n\(body)</div>\n" : body
  }

  private mutating func unfold(_ summary: String, _ figures: [Figure]) -> String {
    figures.isEmpty ? "" : Markup.details(summary, style: "block", show(figures, sideBySide: true))
  }

  private mutating func show(_ table: TableSection.Named?) -> String {
    guard let table, !table.table.isEmpty else { return "" }
    tables.append((table.name + ".csv", table.table.csv))
    return table.html
  }
}
