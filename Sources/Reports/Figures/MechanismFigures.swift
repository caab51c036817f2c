internal import Statistics
internal import Studies
internal import Training

/// Mechanisms behind the difference between heads: contrasts of arms, and the drift of each layer.
struct MechanismFigures {
  let evidence: Evidence
  private var analysis: StudyAnalysis { evidence.analysis }

  var contrasts: Figure? {
    guard !analysis.contrasts.isEmpty else { return nil }
    let rows = analysis.contrasts.flatMap { contrast in
      let runs = [contrast.arm, contrast.other].flatMap {
        evidence.runNames(evidence.conditions(of: $0, size: analysis.size))
      }
      let all = ForestPlot.Row(
        label: "\(contrast.name): \(contrast.arm) − \(contrast.other)", interval: contrast.interval,
        p: contrast.adjustedP, note: "all pairs", runs: runs)
      guard let far = contrast.far else { return [all] }
      return [
        all,
        ForestPlot.Row(
          label: "farthest third", interval: far.interval, p: far.adjustedP,
          note: "\(contrast.name), the farthest third of pairs", isFaint: true, runs: runs),
      ]
    }
    return Figure(
      "mechanisms",
      ForestPlot(title: "Mechanisms", xLabel: "difference of accuracies, percentage points", rows: rows),
      caption:
        "Means over pairs, then paired t intervals over seeds, 95 %; pretrained, regime full. p by Holm over the "
        + "mechanisms, and separately over the mechanisms on the farthest third of pairs (gray).")
  }

  /// A number of each layer of every arm.
  private func layers(
    _ name: String, _ title: String, _ label: String, caption: String,
    _ value: (DriftSummary.Layer) -> Estimate?
  ) -> Figure? {
    // The arm with the most layers gives the order; what only others have comes after.
    let lists = analysis.drifts.map { $0.layers.filter { value($0) != nil }.map(\.path) }
    var paths = lists.max { $0.count < $1.count } ?? []
    for path in lists.joined() where !paths.contains(path) { paths.append(path) }
    let series = analysis.drifts.compactMap { one -> Plot.Series? in
      let runs = evidence.runNames(evidence.conditions(of: one.arm, size: analysis.size))
      let points = paths.enumerated().compactMap { place, path -> Plot.Point? in
        guard let mean = one.layers.first(where: { $0.path == path }).flatMap(value) else { return nil }
        let error = mean.standardError
        return Plot.Point(
          x: Double(place + 1), y: mean.mean, low: error.map { mean.mean - $0 }, high: error.map { mean.mean + $0 },
          text: path, runs: runs)
      }
      return points.isEmpty
        ? nil : Plot.Series(name: one.arm, look: evidence.look(one.arm), style: .line, points: points)
    }
    guard !series.isEmpty else { return nil }
    let plot = Plot(
      title: title, xLabel: "layer, from the image up", yLabel: label, series: series, scale: .names(paths),
      hasZeroLine: true, digits: 4)
    return Figure(name, plot, caption: caption + " Means over pairs ± standard error over seeds.")
  }

  var drift: Figure? {
    layers(
      "drift", "Weight drift by fine-tuning", "‖w − w₀‖ / ‖w₀‖",
      caption:
        "Against the source model's weights w₀; reinitialized layers are excluded. A firewall should show less "
        + "drift below it.", \.weightDrift)
  }

  var similarity: Figure? {
    layers(
      "similarity", "Similarity of the activations to the source model's", "CKA",
      caption: "Unbiased linear CKA on target training images; 1 means equal up to rotation and scale.", \.similarity)
  }

  /// How far each arm drifted, and what it forgot, in percent.
  var drifts: TableSection.Named? {
    typealias Number = DriftSummary.Number
    let numbers = Number.allCases.filter { number in analysis.drifts.contains { $0.estimates[number] != nil } }
    guard !numbers.isEmpty else { return nil }
    var table = DataTable(columns: ["arm, in percent"] + numbers.map(\.title), hasLinks: true)
    for one in analysis.drifts {
      table.add(
        [.text(one.arm)] + numbers.map { .estimate(one.estimates[$0], isSigned: $0 == .forgetting) },
        runs: evidence.runNames(evidence.conditions(of: one.arm, size: analysis.size)))
    }
    return TableSection.Named(name: "drift-of-arms", table: table)
  }

  /// The compared arms' drifts less each other.
  var driftContrasts: String {
    guard let arms = analysis.arms, !analysis.driftContrasts.isEmpty else { return "" }
    return Markup.paragraph("\(arms.first) − \(arms.second), in percent with 95 % intervals over seeds:")
      + Markup.list(analysis.driftContrasts.map { "\($0.number.title): \($0.interval.points)" })
  }

  /// Which arm counts where several have one kind of head.
  var armsNote: String { analysis.armsByKind.note(on: analysis.contrasts).map { Markup.paragraph($0 + ".") } ?? "" }

  var all: [Figure] { [contrasts, drift, similarity].compactMap { $0 } }
}
