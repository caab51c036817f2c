internal import Statistics
internal import Support
internal import Training

extension StudyAnalysis {
  /// The answer for a terminal: a sentence, then what to do on each target, in at most 100 columns.
  package var summary: String {
    var text = answer.wrapped(width: Self.columns).joined(separator: "\n") + "\n"
    let nearest = nearestAdvice
    if !nearest.isEmpty {
      text += "\n" + table(of: nearest).text
      text += "\n" + costs(of: nearest[0]).wrapped(width: Self.columns).joined(separator: "\n") + "\n"
    }
    guard arms != nil else { return text }
    return text + "\n" + sentence.wrapped(width: Self.columns).joined(separator: "\n") + "\n"
  }

  private static let columns = 100

  /// The advice to follow on each target, in the order of the study's file.
  private var nearestAdvice: [Advice] {
    let nearest = advice.filter(\.isNearest)
    return results.study.targets.compactMap { target in nearest.first { $0.target == target.name } }
  }

  /// On which targets to keep which head, in a sentence.
  package var answer: String {
    guard let arms else { return sentence }
    let nearest = nearestAdvice
    guard !nearest.isEmpty else {
      return
        "No target has results of \(arms.first) and \(arms.second) at two seeds or more yet, so that there is no advice."
    }
    func names(_ decision: Advice.Decision) -> String? {
      let names = nearest.filter { $0.decision == decision }.map(\.target)
      return names.isEmpty ? nil : names.listed
    }
    let parts = [
      names(.keep).map { "keep \(arms.first) on \($0)" }, names(.drop).map { "leave it for \(arms.second) on \($0)" },
      names(.undecided).map { "no difference can be told on \($0)" },
    ].compactMap(\.self)
    let text = parts.joined(separator: "; ")
    return text.prefix(1).uppercased() + text.dropFirst() + "."
  }

  private func table(of advice: [Advice]) -> TextTable {
    func short(_ name: String) -> String { name.count <= 20 ? name : name.prefix(19) + "…" }
    var table = TextTable(
      header: ["target", "what to do", "pretrained on", "difference, points", "MMD²"],
      leading: 3)
    for one in advice {
      let action =
        switch one.decision {
        case .keep: "keep \(one.first)"
        case .drop: "leave \(one.first)"
        case .undecided: "no difference told"
        }
      table.rows.append([
        short(one.target), short(action), short(one.source), one.interval.points,
        one.distance?.formatted(digits: 3) ?? "–",
      ])
    }
    return table
  }

  private func costs(of one: Advice) -> String {
    let cost = one.costs.isEmpty ? "" : " \(one.first) costs \(one.costs)."
    return "The difference is \(one.first) − \(one.second) from the nearest source, in percentage "
      + "points of test \(results.measure), with 95 % intervals over "
      + "\(results.study.seeds.count) seeds." + cost
  }

  /// How many pairs the verdict leaves out, and why; nil if it leaves none out.
  package var leftOut: String? {
    guard let arms else { return nil }
    let known = pairs.filter { $0.interval != nil }
    let out = known.filter { !$0.isTransfer }
    guard !out.isEmpty else { return nil }
    func gain(_ place: Int) -> String {
      let gains = out.compactMap { $0.gains[place]?.estimate }
      let widths = out.compactMap { $0.gains[place]?.halfWidth }
      let count = Double(max(gains.count, 1))
      let (mean, width) = (gains.reduce(0, +) / count, widths.reduce(0, +) / count)
      return "\(mean > 0 ? "+" : "")\((100 * mean).formatted(digits: 1)) ± \((100 * width).formatted(digits: 1))"
    }
    return
      "\(out.count) of \(known.count) pairs are left out of verdict and slope, as neither arm gains significantly by "
      + "pretraining there (\(arms.first) \(gain(0)), \(arms.second) \(gain(1)) percentage points on average): \(arms.first) "
      + "has nothing to protect. More seeds make intervals narrower and bring in those that gain a little; fewer training "
      + "images per class leave more to gain; a source that helps none of its targets stays out."
  }
}
