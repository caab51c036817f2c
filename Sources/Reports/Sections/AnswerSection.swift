internal import Serialization
internal import Statistics
internal import Studies
internal import Support
internal import Training

/// The answers: the verdict, the claims one by one, and advice for each target.
struct AnswerSection {
  let evidence: Evidence
  private var analysis: StudyAnalysis { evidence.analysis }

  /// The page's head: the verdict in a sentence, and what follows from it in practice.
  var verdict: String {
    let outcome = analysis.verdict?.outcome ?? .demonstration
    let practice = practice.map { Markup.paragraph($0, style: "practice") } ?? ""
    return "<div class=\"verdict \(outcome.rawValue)\">\n\(Markup.paragraph(analysis.sentence))\(practice)</div>\n"
  }

  /// On how many targets which head is better, from the nearest source.
  private var practice: String? {
    let nearest = analysis.advice.filter(\.isNearest)
    guard let one = nearest.first else { return nil }
    let (keep, drop) = (nearest.count { $0.decision == .keep }, nearest.count { $0.decision == .drop })
    return "In practice, on \(nearest.count) targets, each from its nearest source: keep \(one.first) on \(keep), take "
      + "\(one.second) on \(drop), no significant difference on \(nearest.count - keep - drop)."
      + (one.costs.isEmpty ? "" : " \(one.first) costs \(one.costs) of \(one.second).")
  }

  /// 0, A, B and C, one by one.
  var claims: String {
    let claims = analysis.claims
    guard !claims.isEmpty else { return Markup.paragraph("A study with one arm answers none of the claims.") }
    let items = claims.map { claim in
      let findings = claim.findings.map { "<li>\(Markup.escaped($0.text))</li>" }
      return "<dt><span class=\"letter\">\(claim.name)</span> \(Markup.escaped(claim.statement))</dt>\n"
        + "<dd><span class=\"answer \(claim.answer.rawValue)\">\(claim.answer.shown)</span>\n"
        + "<ul>\(findings.joined())</ul></dd>\n"
    }
    return "<dl class=\"claims\">\n\(items.joined())</dl>\n"
      + (analysis.leftOut.map { Markup.paragraph($0) } ?? "")
      + Markup.paragraph(
        "Differences of \(evidence.measure) in percentage points with 95 % intervals; p by Holm.", style: "dim")
  }

  /// For each target which head to keep and what that costs, from its nearest source.
  var nearestAdvice: String {
    let nearest = analysis.advice.filter(\.isNearest)
    guard !nearest.isEmpty else { return "" }
    return Markup.list(nearest.map { "\($0.target) (from \($0.source)): \($0.text)" })
      + Markup.paragraph("Both heads pretrained, regime full; 95 % intervals over seeds. Of every pair:", style: "dim")
  }

  /// For each pair which head to keep; the nearest source of each target is marked.
  var advice: TableSection.Named? {
    let advice = analysis.advice.sorted { ($0.target, $0.distance ?? 0) < ($1.target, $1.distance ?? 0) }
    guard let one = advice.first else { return nil }
    var table = DataTable(
      columns: [
        "target", "pretrained on", "nearest", "advice", "\(one.first) − \(one.second), percentage points", "MMD²",
      ],
      leading: 4, hasLinks: true)
    for one in advice {
      let conditions = [one.first, one.second].map {
        StudyResults.Condition($0, from: one.source, on: one.target, size: evidence.size)
      }
      let words =
        switch one.decision {
        case .keep: "keep \(one.first)"
        case .drop: "take \(one.second)"
        case .undecided: "not significant"
        }
      table.add(
        [
          .text(one.target), .text(one.source), .text(one.isNearest ? "nearest" : ""), .text(words),
          .interval(one.interval), .number(one.distance, digits: 4),
        ], runs: evidence.runNames(conditions))
    }
    return TableSection.Named(name: "advice", table: table)
  }
}

extension StudyClaim.Answer {
  /// As a reader sees it.
  fileprivate var shown: String {
    switch self {
    case .supported, .contradicted, .inconclusive: rawValue
    case .demonstration: "no verdict"
    }
  }
}
