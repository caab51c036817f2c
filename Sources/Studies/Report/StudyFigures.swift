internal import Training

/// The figures of a study's report.
struct StudyFigures {
  let analysis: StudyAnalysis
  private var results: StudyResults { analysis.results }
  private var study: Study { results.study }

  /// Δ against distance: the test of the claim.
  var effectAgainstDistance: Figure? {
    guard let arms = analysis.arms else { return nil }
    func points(_ isTransfer: Bool) -> [Plot.Point] {
      analysis.pairs.filter { $0.isTransfer == isTransfer }.compactMap { pair in
        guard let distance = pair.distance, let interval = pair.interval else { return nil }
        return Plot.Point(
          x: distance.discrepancy, y: 100 * interval.estimate, low: 100 * interval.lower, high: 100 * interval.upper,
          text: "\(pair.source) → \(pair.target)")
      }
    }
    var series = [
      Plot.Series(name: "Δ with its 95 % interval", colour: 0, points: points(true)),
      Plot.Series(name: "nothing to protect", colour: 7, isDashed: true, points: points(false)),
    ].filter { !$0.points.isEmpty }
    guard !series.isEmpty else { return nil }
    if let slope = analysis.verdict?.slope, let shown = series.first?.points, shown.count > 1 {
      let (xs, ys) = (shown.map(\.x), shown.map(\.y))
      let (midX, midY) = (xs.reduce(0, +) / Double(xs.count), ys.reduce(0, +) / Double(ys.count))
      let ends = [xs.min() ?? 0, xs.max() ?? 0].map {
        Plot.Point(x: $0, y: midY + 100 * slope.estimate * ($0 - midX), text: "slope within sources and targets")
      }
      series.append(Plot.Series(name: "fitted slope", colour: 1, style: .line, points: ends))
    }
    let plot = Plot(xLabel: "distance, MMD²", yLabel: "Δ, points", series: series, hasZeroLine: true)
    return Figure(
      name: "effect-distance", title: "Δ against distance",
      caption: "Δ = [\(arms.first) − \(arms.second)] pretrained − [\(arms.first) − \(arms.second)] from scratch. This "
        + "figure is the test: a firewall rises to the right.", svg: plot.svg, csv: plot.csv)
  }

  /// Accuracies behind it.
  var accuracyAgainstDistance: Figure? {
    guard let arms = analysis.arms else { return nil }
    var series: [Plot.Series] = []
    for (colour, arm) in [arms.first, arms.second].enumerated() {
      for isScratch in [false, true] {
        let points = analysis.pairs.compactMap { pair -> Plot.Point? in
          let condition = StudyResults.Condition(
            arm, from: isScratch ? nil : pair.source, on: pair.target, size: analysis.size)
          guard let distance = pair.distance, let mean = Estimate(results.accuracies(condition)) else { return nil }
          return Plot.Point(x: distance.discrepancy, y: 100 * mean.mean, text: "\(pair.source) → \(pair.target)")
        }
        series.append(
          Plot.Series(
            name: "\(arm) \(isScratch ? "from scratch" : "pretrained")", colour: colour, isDashed: isScratch,
            points: points))
      }
    }
    guard series.contains(where: { !$0.points.isEmpty }) else { return nil }
    let plot = Plot(xLabel: "distance, MMD²", yLabel: "test accuracy, %", series: series)
    return Figure(
      name: "accuracy-distance", title: "Accuracy against distance",
      caption: "Means over seeds. From scratch the distance plays no part; it is shown at the same places.",
      svg: plot.svg, csv: plot.csv)
  }

  var forest: Figure? {
    let rows = analysis.pairs.compactMap { pair in
      pair.interval.map {
        ForestPlot.Row(
          label: "\(pair.source) → \(pair.target)", interval: $0,
          note: "p (Holm) \((pair.adjustedP ?? 1).formatted(digits: 3))", isFaint: !pair.isTransfer)
      }
    }
    guard !rows.isEmpty else { return nil }
    let plot = ForestPlot(xLabel: "Δ, points", rows: rows)
    return Figure(
      name: "effects", title: "Δ of each pair",
      caption: "Paired t intervals over seeds; faint: no arm gains surely by pretraining.", svg: plot.svg, csv: plot.csv
    )
  }

  var mechanisms: Figure? {
    guard !analysis.contrasts.isEmpty else { return nil }
    let rows = analysis.contrasts.map {
      ForestPlot.Row(
        label: "\($0.name): \($0.arm) − \($0.other)", interval: $0.interval,
        note: "p (Holm) \($0.adjustedP.formatted(digits: 3))")
    }
    let plot = ForestPlot(xLabel: "difference of accuracies, points, mean over all pairs", rows: rows)
    return Figure(
      name: "mechanisms", title: "What makes the difference",
      caption: "Pretrained, regime full; one family for Holm's correction.", svg: plot.svg, csv: plot.csv)
  }

  /// Accuracy against training size, averaged over pairs.
  var sizes: Figure? {
    guard study.sizes.count > 1 else { return nil }
    var series: [Plot.Series] = []
    for (colour, arm) in study.arms.map(\.name).enumerated() {
      for isScratch in [false, true] {
        let points = study.sizes.sorted().compactMap { size -> Plot.Point? in
          let values = study.seeds.compactMap { seed -> Double? in
            let all = analysis.pairs.compactMap {
              results.accuracy(.init(arm, from: isScratch ? nil : $0.source, on: $0.target, size: size), seed: seed)
            }
            return all.count == analysis.pairs.count ? Estimate(all)?.mean : nil
          }
          guard let mean = Estimate(values) else { return nil }
          let interval = Interval(mean: values)
          return Plot.Point(
            x: Double(size), y: 100 * mean.mean, low: interval.map { 100 * $0.lower },
            high: interval.map { 100 * $0.upper })
        }
        guard !points.isEmpty else { continue }
        series.append(
          Plot.Series(
            name: "\(arm) \(isScratch ? "from scratch" : "pretrained")", colour: colour % 7, style: .band,
            isDashed: isScratch, points: points))
      }
    }
    let plot = Plot(xLabel: "training images a class", yLabel: "test accuracy, %", series: series)
    return Figure(
      name: "sizes", title: "Accuracy against training size",
      caption: "Means over all pairs, 95 % intervals over seeds.",
      svg: plot.svg, csv: plot.csv)
  }

  /// Validation accuracy by epoch on one target, of the chosen runs, as a band over seeds.
  func learningCurves(of target: String) -> Figure? {
    guard let source = study.sources.first?.name else { return nil }
    var series: [Plot.Series] = []
    for (colour, arm) in study.arms.enumerated() {
      for start in [source, nil] where start != nil || study.scratchArm(of: arm) == arm.name {
        let logs = study.seeds.compactMap { seed -> [MetricsRecord]? in
          let question = Cell.Question(
            arm: arm.name, regime: .full, source: start, target: target, size: analysis.size, seed: seed)
          return results.selections[question].flatMap { try? MetricsLog.records(in: $0.chosen.directory.metrics) }
        }
        let epochs = logs.map(\.count).min() ?? 0
        let points = (0..<epochs).compactMap { epoch -> Plot.Point? in
          let values = logs.compactMap { $0[epoch].values["validationAccuracy"] }
          guard let mean = Estimate(values) else { return nil }
          return Plot.Point(
            x: logs[0][epoch].values["epoch"] ?? Double(epoch + 1), y: 100 * mean.mean,
            low: 100 * (values.min() ?? mean.mean), high: 100 * (values.max() ?? mean.mean))
        }
        guard !points.isEmpty else { continue }
        series.append(
          Plot.Series(
            name: "\(arm.name) \(start == nil ? "from scratch" : "pretrained")", colour: colour % 7, style: .band,
            isDashed: start == nil, points: points))
      }
    }
    guard !series.isEmpty else { return nil }
    let plot = Plot(xLabel: "epoch", yLabel: "validation accuracy, %", series: series)
    return Figure(
      name: "curves-\(target)", title: "Learning on \(target)",
      caption: "Chosen runs, pretrained on \(source) or from scratch; bands span the seeds.", svg: plot.svg,
      csv: plot.csv)
  }

  /// How far fine-tuning moved each layer.
  var drift: Figure? {
    var layers: [String] = []
    var series: [Plot.Series] = []
    for (colour, arm) in study.arms.map(\.name).enumerated() {
      var sums: [String: (total: Double, count: Int)] = [:]
      for (question, movement) in results.movements where question.arm == arm && question.regime == .full {
        for layer in movement.layers {
          if !layers.contains(layer.name) { layers.append(layer.name) }
          guard let drift = layer.drift else { continue }
          sums[layer.name, default: (0, 0)].total += drift
          sums[layer.name, default: (0, 0)].count += 1
        }
      }
      let points = layers.enumerated().compactMap { index, layer in
        sums[layer].map { Plot.Point(x: Double(index + 1), y: $0.total / Double($0.count), text: layer) }
      }
      if !points.isEmpty { series.append(Plot.Series(name: arm, colour: colour % 7, style: .line, points: points)) }
    }
    guard !series.isEmpty else { return nil }
    let plot = Plot(xLabel: "layer", yLabel: "‖w − w₀‖ / ‖w₀‖", series: series, digits: 3)
    let names = layers.enumerated().map { "\($0 + 1) \($1)" }.joined(separator: ", ")
    return Figure(
      name: "drift", title: "How far fine-tuning moved the weights",
      caption: "Means over pairs and seeds. Layers: \(names). A firewall should show less drift below it.",
      svg: plot.svg, csv: plot.csv)
  }

  /// Confidence against accuracy, all test images of the primary analysis together.
  var reliability: Figure? {
    var series = [
      Plot.Series(
        name: "perfect", colour: 7, style: .line, isDashed: true, points: [.init(x: 0, y: 0), .init(x: 1, y: 1)])
    ]
    for (colour, arm) in study.arms.map(\.name).enumerated() {
      var bins: [Int: (samples: Double, right: Double, confidence: Double)] = [:]
      for (question, selection) in results.selections
      where question.arm == arm && question.regime == .full && question.source != nil && question.size == analysis.size
      {
        let report = try? StudyPlan.evaluation(of: selection.chosen)?.domains.first?.report
        for (index, bin) in (report?.reliability ?? []).enumerated() {
          guard let accuracy = bin.accuracy, let confidence = bin.confidence else { continue }
          let count = Double(bin.samples)
          bins[index, default: (0, 0, 0)].samples += count
          bins[index, default: (0, 0, 0)].right += count * accuracy
          bins[index, default: (0, 0, 0)].confidence += count * confidence
        }
      }
      let points = bins.sorted { $0.key < $1.key }.map { _, bin in
        Plot.Point(
          x: bin.confidence / bin.samples, y: bin.right / bin.samples, text: "\(Int(bin.samples)) images")
      }
      if !points.isEmpty { series.append(Plot.Series(name: arm, colour: colour % 7, style: .line, points: points)) }
    }
    guard series.count > 1 else { return nil }
    let plot = Plot(xLabel: "mean confidence", yLabel: "accuracy", series: series)
    return Figure(
      name: "reliability", title: "Confidence and accuracy",
      caption: "Pretrained, regime full, all pairs and seeds; each run's own bins and confusion matrix lie in its "
        + "test.json.", svg: plot.svg, csv: plot.csv)
  }

  var all: [Figure] {
    [effectAgainstDistance, accuracyAgainstDistance, forest, mechanisms, sizes].compactMap { $0 }
      + study.targets.compactMap { learningCurves(of: $0.name) } + [drift, reliability].compactMap { $0 }
  }
}
