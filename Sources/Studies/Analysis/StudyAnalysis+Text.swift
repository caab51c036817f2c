internal import Serialization
internal import Statistics
internal import Support
internal import Training

extension StudyAnalysis {
  /// The tables for a terminal: accuracy, or the measure of the study's task, on test images in percent, mean ± standard error over seeds.
  package var text: String {
    let study = results.study
    var text =
      "\(results.measureTitle) on test images in percent, mean ± standard error over \(study.seeds.count) seeds; "
    text += "learning rate chosen on validation" + (study.search.seeds == .first ? " at the first seed" : "") + "\n\n"
    text += accuracies.text + "\n"
    if let arms {
      text += "Δ = [\(arms.first) − \(arms.second)] pretrained − [\(arms.first) − \(arms.second)] from scratch, in "
      text +=
        "percentage points, paired by seed, with its 95 % interval;\np by Holm over a source's targets; ·: no arm "
      text += "gains significantly by pretraining, so there is nothing to protect\n\n"
      text += effects.text + "\n"
    }
    if !contrasts.isEmpty {
      text += mechanisms.text + (armsByKind.note(on: contrasts).map { $0 + "\n" } ?? "") + "\n"
    }
    if !drifts.isEmpty { text += driftText + "\n" }
    for arm in study.arms where arm.pretrained == nil {
      let models = study.sources.map { domain in
        "\(domain.name) " + (Estimate(results.sourceAccuracies[arm.name]?[domain.name] ?? [])?.percent() ?? "–")
      }
      text += "Source models of \(arm.name) on their own test images: \(models.joined(separator: ", "))\n"
    }
    if arms != nil {
      text += "\nClaims, in percentage points:\n" + claims.map { "  \($0.text)\n" }.joined()
      if let leftOut { text += leftOut.wrapped(width: 118).map { "  \($0)\n" }.joined() }
      let advice = advice.filter(\.isNearest)
      if !advice.isEmpty { text += "\nOn each target, from the nearest source, with 95 % intervals:\n" }
      for one in advice {
        let distance = one.distance.map { ", MMD² \($0.formatted(digits: 3))" } ?? ""
        text += "  \(one.target) (from \(one.source)\(distance)): \(one.text)\n"
      }
      text += "\n"
    }
    return text + sentence + "\n"
  }

  /// One Holm family over all pairs, another over the farthest third.
  private var mechanisms: TextTable {
    var table = TextTable(
      header: ["mechanism", "arms", "percentage points", "p (Holm)", "farthest third", "p (Holm)"], leading: 2)
    for one in contrasts {
      table.rows.append([
        one.name, "\(one.arm) − \(one.other)", one.interval.points, one.adjustedP.formatted(digits: 3),
        one.far?.interval.points ?? "–", one.far?.adjustedP.formatted(digits: 3) ?? "–",
      ])
    }
    return table
  }

  /// How far each arm drifted from its source models.
  private var driftText: String {
    typealias Number = DriftSummary.Number
    let numbers = Number.allCases.filter { number in drifts.contains { $0.estimates[number] != nil } }
    var table = TextTable(header: ["in percent, from the source model"] + numbers.map(\.title), leading: 1)
    for one in drifts {
      table.rows.append([one.arm] + numbers.map { one.estimates[$0]?.percent() ?? "–" })
    }
    if let arms, !driftContrasts.isEmpty {
      table.rows.append(
        ["\(arms.first) − \(arms.second)"]
          + numbers.map { number in driftContrasts.first { $0.number == number }?.interval.points ?? "–" })
    }
    return table.text
  }

  /// The verdict in words.
  package var sentence: String {
    let study = results.study
    let (domains, seeds) = (study.domains.count, study.seeds.count)
    guard let verdict, let arms else {
      return pairs.contains { $0.interval != nil && $0.distance != nil }
        ? "Demonstration, no verdict: on no target does an arm gain significantly by pretraining, so there is nothing to protect."
        : "Demonstration, no verdict: there are no effects beside measured distances yet."
    }
    let slope = verdict.slope.map { "\($0.interval.points) percentage points per unit of MMD²" } ?? "not determined"
    switch verdict.outcome {
    case .demonstration:
      return
        "Demonstration, no verdict: \(domains) domains, \(study.sources.count) of them sources, and \(seeds) seeds; "
        + "one takes \(Verdict.fewestDomains) of both roles and \(Verdict.fewestSeeds)."
    case .supported:
      return "Supported: \(arms.first)'s advantage over \(arms.second) grows with distance (slope \(slope))."
    case .contradicted:
      return "Contradicted: \(arms.first)'s advantage over \(arms.second) falls with distance (slope \(slope))."
    case .inconclusive:
      return "Inconclusive (slope \(slope)). " + (verdict.requirement?.text ?? "")
    }
  }

  /// Every target with every arm, from each source and from scratch.
  var accuracies: TextTable {
    let study = results.study
    let regimes = Regime.allCases.filter { regime in
      study.arms.contains { ($0.regimes ?? study.regimes).contains(regime) }
    }
    var table = TextTable(header: ["source", "target", "regime"] + study.arms.map(\.name), leading: 3)
    func row(_ source: String?, _ target: String, _ regime: Regime) {
      let cells = study.arms.map { arm in
        Estimate(results.accuracies(.init(arm.name, regime: regime, from: source, on: target, size: size)))?.percent()
          ?? "–"
      }
      table.rows.append([source ?? "(scratch)", target, regime.rawValue] + cells)
    }
    for target in study.targets.map(\.name) {
      for source in study.sources.map(\.name) {
        for regime in regimes { row(source, target, regime) }
      }
      row(nil, target, .full)
    }
    return table
  }

  private var effects: TextTable {
    let second = results.distances?.secondDescriptor
    var header = ["source", "target", "Δ", "p", "", "MMD²", "p", "A-distance"]
    if let second { header.append("MMD² (\(second.rawValue))") }
    let hasTask = pairs.contains { $0.taskDistance != nil }
    var table = TextTable(header: header + (hasTask ? ["−LEEP"] : []) + ["labels shared"], leading: 2)
    for pair in pairs.sorted(by: { ($0.distance?.discrepancy ?? 0) < ($1.distance?.discrepancy ?? 0) }) {
      var row = [
        pair.source, pair.target, pair.interval?.points ?? "–", pair.adjustedP?.formatted(digits: 3) ?? "–",
        pair.isTransfer || pair.interval == nil ? "" : "·", pair.distance?.discrepancy.formatted(digits: 3) ?? "–",
        pair.distance?.p.formatted(digits: 3) ?? "–", pair.distance?.primary.proxyText ?? "–",
      ]
      if second != nil { row.append(pair.distance?.second?.discrepancy.formatted(digits: 3) ?? "–") }
      if hasTask { row.append(pair.taskDistance?.formatted(digits: 2) ?? "–") }
      table.rows.append(row + [pair.distance.map { (100 * $0.labelOverlap).formatted(digits: 0) + " %" } ?? "–"])
    }
    return table
  }
}
