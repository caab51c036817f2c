internal import Serialization
internal import Statistics
internal import Studies
internal import Support
internal import Training

/// Δ and the accuracies behind it, by pair and against distance.
struct EffectFigures {
  let evidence: Evidence
  private var analysis: StudyAnalysis { evidence.analysis }

  /// A measured distance between domains.
  private struct Distance {
    var name: String
    var label: String
    /// Of the axis, for slopes.
    var unit: String
    var title: String
    var value: (StudyAnalysis.Pair) -> Double?
    /// β over it.
    var slope: Interval?
  }

  /// The primary one first.
  private var distances: [Distance] {
    func slope(_ isWanted: (StudyAnalysis.OtherSlope.Axis) -> Bool) -> Interval? {
      analysis.otherSlopes.first { isWanted($0.axis) }?.slope.interval
    }
    var all = [
      Distance(name: "effect-distance", label: "distance, MMD²", unit: "unit of MMD²", title: "Δ against distance") {
        $0.distance?.discrepancy
      }
    ]
    all[0].slope = analysis.verdict?.slope?.interval
    if let second = analysis.results.distances?.secondDescriptor {
      all.append(
        Distance(
          name: "effect-second", label: "MMD² of \(second.rawValue)", unit: "unit of MMD²",
          title: "Δ against distance in \(second.rawValue)",
          value: { $0.distance?.second?.discrepancy }, slope: slope { $0 == .descriptor(second) }))
    }
    all.append(
      Distance(
        name: "effect-task", label: "distance of tasks, −LEEP in nats", unit: "nat",
        title: "Δ against the task's distance", value: \.taskDistance, slope: slope { $0 == .task }))
    all.append(
      Distance(name: "effect-proxy", label: "proxy A-distance", unit: "unit", title: "Δ against the proxy A-distance") {
        $0.distance?.proxy
      })
    return all
  }

  /// Δ against a distance; the first is the test of the claim.
  private func effect(against distance: Distance, isTest: Bool) -> Figure? {
    guard let arms = analysis.arms else { return nil }
    func points(_ isTransfer: Bool) -> [Plot.Point] {
      analysis.pairs.filter { $0.isTransfer == isTransfer }.compactMap { pair in
        guard let x = distance.value(pair), let interval = pair.interval else { return nil }
        return Plot.Point(
          x: x, y: 100 * interval.estimate, low: 100 * interval.lower, high: 100 * interval.upper,
          text: "\(pair.source) → \(pair.target)", runs: evidence.runNames(pair))
      }
    }
    var series = [
      Plot.Series(name: "Δ with its 95 % interval", look: SVG.Look(arm: 0), points: points(true)),
      Plot.Series(name: "nothing to protect: no arm gains significantly", look: .faint, points: points(false)),
    ].filter { !$0.points.isEmpty }
    guard !series.isEmpty else { return nil }
    if let slope = distance.slope, let shown = series.first?.points, shown.count > 1,
      let (midX, midY) = Self.middle(of: shown), let (least, most) = Self.ends(of: shown)
    {
      let line = [least, most].map {
        Plot.Point(
          x: $0, y: midY + 100 * slope.estimate * ($0 - midX),
          text: "\(slope.points) percentage points per \(distance.unit)")
      }
      series.append(Plot.Series(name: "fitted slope β", look: SVG.Look(arm: 1), style: .line, points: line))
    }
    let plot = Plot(
      title: distance.title, xLabel: distance.label, yLabel: "Δ, percentage points", series: series,
      width: isTest ? 720 : 460,
      height: isTest ? 400 : 320, hasZeroLine: true, xDigits: 4, hasLabels: isTest)
    return Figure(
      distance.name, plot,
      caption: isTest
        ? "Δ = [\(arms.first) − \(arms.second)] pretrained − [\(arms.first) − \(arms.second)] from scratch, one point per pair "
          + "of source → target. This figure is the test: a firewall rises to the right. β is fitted with effects of source "
          + "and target, so its line need not follow the points by eye."
        : "Exploratory; the same Δ."
          + (distance.slope.map { " β \($0.points) percentage points per \(distance.unit)." } ?? ""))
  }

  private static func middle(of points: [Plot.Point]) -> (Double, Double)? {
    guard let x = Estimate(points.map(\.x))?.mean, let y = Estimate(points.map(\.y))?.mean else { return nil }
    return (x, y)
  }

  private static func ends(of points: [Plot.Point]) -> (Double, Double)? {
    guard let least = points.map(\.x).min(), let most = points.map(\.x).max() else { return nil }
    return (least, most)
  }

  /// The accuracies that Δ is made of.
  var accuracyAgainstDistance: Figure? {
    guard let arms = analysis.arms else { return nil }
    var series: [Plot.Series] = []
    for arm in [arms.first, arms.second] {
      for isScratch in [false, true] {
        let points = analysis.pairs.compactMap { pair -> Plot.Point? in
          let condition = StudyResults.Condition(
            arm, from: isScratch ? nil : pair.source, on: pair.target, size: analysis.size)
          guard let distance = pair.distance else { return nil }
          return Plot.Point(
            x: distance.discrepancy, seeds: analysis.results.accuracies(condition), times: 100,
            text: isScratch ? pair.target : "\(pair.source) → \(pair.target)", runs: evidence.runNames([condition]))
        }
        series.append(
          Plot.Series(
            name: "\(arm) \(isScratch ? "from scratch" : "pretrained")",
            look: evidence.look(arm, isDashed: isScratch), points: points))
      }
    }
    guard series.contains(where: { !$0.points.isEmpty }) else { return nil }
    let plot = Plot(
      title: "\(evidence.results.measureTitle) against distance", xLabel: "distance, MMD²",
      yLabel: "test \(evidence.measure), %", series: series,
      xDigits: 4)
    return Figure(
      "accuracy-distance", plot,
      caption:
        "Means over seeds with 95 % intervals. From scratch the distance plays no part: the target's \(evidence.measure) is "
        + "shown at the distance of each source, hollow.")
  }

  var forest: Figure? {
    var rows = analysis.pairs.compactMap { pair in
      pair.interval.map {
        ForestPlot.Row(
          label: "\(pair.source) → \(pair.target)", interval: $0, p: pair.adjustedP,
          note: pair.isTransfer ? "" : "nothing to protect", isFaint: !pair.isTransfer, runs: evidence.runNames(pair))
      }
    }
    guard !rows.isEmpty else { return nil }
    for (name, third) in zip(["nearest third", "middle third", "farthest third"], analysis.verdict?.thirds ?? []) {
      let range =
        "\(third.distances.lowerBound.formatted(digits: 3)) to \(third.distances.upperBound.formatted(digits: 3))"
      rows.append(
        ForestPlot.Row(
          label: name, interval: third.interval, p: third.adjustedP, note: "MMD² \(range)", isSummary: true))
    }
    return Figure(
      "effects", ForestPlot(title: "Δ of each pair", xLabel: "Δ, percentage points", rows: rows),
      caption:
        "Paired t intervals over seeds, 95 %; p by Holm over a source's targets. Gray: no arm gains significantly by "
        + "pretraining, so the pair is excluded from the verdict. Diamonds: means over pairs of similar distance, p by Holm "
        + "over the thirds.")
  }

  var all: [Figure] {
    [effect(against: distances[0], isTest: true), accuracyAgainstDistance, forest].compactMap { $0 }
  }

  /// Δ against other distances.
  var others: [Figure] { distances.dropFirst().compactMap { effect(against: $0, isTest: false) } }
}
