internal import Training

extension StudyResults {
  /// The fewest seeds that can carry a verdict.
  private static let verdictSeeds = 5

  /// The table for a terminal: accuracy on test images in percent, mean ± standard error over seeds.
  package var text: String {
    let arms = study.arms.map(\.name)
    let contrast = arms.count >= 2 ? (arms[0], arms[1]) : nil
    var header = ["target"]
    for arm in arms { header += Start.allCases.map { "\(arm) \($0)" } }
    if contrast != nil { header.append("Δ") }
    let rows = study.targets.map { target in
      var row = [target.name]
      for arm in arms {
        row += Start.allCases.map { accuracy(of: arm, on: target.name, from: $0)?.percent() ?? "–" }
      }
      if let (first, second) = contrast {
        row.append(gainDifference(of: first, over: second, on: target.name)?.percent(signed: true) ?? "–")
      }
      return row
    }
    var text = "Accuracy on test images in percent, mean ± standard error over \(study.seeds.count) seeds; "
    text += "rate chosen on validation\n\n" + TextTable(header: header, rows: rows).text + "\n"
    if let (first, second) = contrast {
      text += "Δ = [\(first) − \(second)] pretrained − [\(first) − \(second)] from scratch, in points, paired by seed\n"
    }
    let sources = arms.map { "\($0) " + (Estimate(sourceAccuracies[$0] ?? [])?.percent() ?? "–") }
    text += "Source models on \(study.source.name)'s own test images: \(sources.joined(separator: ", "))\n"
    if study.seeds.count < Self.verdictSeeds {
      text += "Demonstration, no verdict: \(study.seeds.count) seeds carry none.\n"
    }
    return text
  }
}
