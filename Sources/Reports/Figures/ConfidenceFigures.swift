internal import Foundation
internal import Kernels
internal import Studies
internal import Support
internal import Training

/// Confusion between classes, and calibration of confidence: on test images, over sources and seeds.
struct ConfidenceFigures {
  let evidence: Evidence

  private func reports(_ arm: String, on target: String? = nil) -> [(run: String, report: ClassificationReport)] {
    evidence.conditions(of: arm, size: evidence.size, on: target).flatMap(evidence.runs).compactMap { run in
      run.test.map { (run.name, $0) }
    }
  }

  /// Confidence against accuracy of every arm, on one target or on all together.
  func reliability(on target: String? = nil, place: Int = 0) -> Figure? {
    var series: [Plot.Series] = []
    for arm in evidence.study.arms.map(\.name) {
      let reports = reports(arm, on: target)
      var bins: [Int: (samples: Double, right: Double, confidence: Double)] = [:]
      for bin in reports.flatMap({ $0.report.reliability.enumerated() }) {
        guard let accuracy = bin.element.accuracy, let confidence = bin.element.confidence else { continue }
        let count = Double(bin.element.samples)
        let before = bins[bin.offset] ?? (0, 0, 0)
        bins[bin.offset] = (before.0 + count, before.1 + count * accuracy, before.2 + count * confidence)
      }
      let points = bins.sorted { $0.key < $1.key }.map { _, bin in
        Plot.Point(
          x: bin.confidence / bin.samples, y: bin.right / bin.samples, text: "\(Int(bin.samples)) images",
          runs: reports.map(\.run))
      }
      guard !points.isEmpty else { continue }
      let all = bins.values.reduce(0) { $0 + $1.samples }
      let error = bins.values.reduce(0) { $0 + abs($1.right - $1.confidence) } / all
      series.append(
        Plot.Series(
          name: "\(arm), error \((100 * error).formatted(digits: 1)) percentage points", look: evidence.look(arm),
          style: .line,
          points: points))
    }
    guard !series.isEmpty else { return nil }
    var look = SVG.Look.faint
    look.isDashed = true
    series.append(
      Plot.Series(
        name: "perfectly calibrated", look: look, style: .line, points: [.init(x: 0, y: 0), .init(x: 1, y: 1)]))
    let plot = Plot(
      title: "Confidence and accuracy" + (target.map { " on \($0)" } ?? ""), xLabel: "mean confidence",
      yLabel: "accuracy", series: series, width: target == nil ? 720 : 460, height: target == nil ? 400 : 380)
    return Figure(
      target == nil ? "reliability" : "reliability-\(place)", plot,
      caption: "Pretrained, regime full, \(target == nil ? "all pairs" : "all sources") and seeds together; "
        + "\(ClassificationTally.binCount) bins of equal width. The error is the mean distance from perfect calibration over "
        + "images (expected calibration error).")
  }

  /// The confusion of an arm on a target.
  private func confusion(of arm: String, on target: String, place: Int) -> Figure? {
    let reports = reports(arm, on: target)
    guard let first = reports.first?.report else { return nil }
    let classes = first.classes.map(\.name)
    var counts = first.confusion.map { $0.map { _ in 0 } }
    for (_, report) in reports where report.outputs == first.outputs && report.confusion.count == classes.count {
      for (row, cells) in report.confusion.enumerated() {
        for (column, count) in cells.enumerated() { counts[row][column] += count }
      }
    }
    var numbers = DataTable(columns: ["true", "predicted", "images"], leading: 2)
    for (row, cells) in counts.enumerated() {
      for (column, count) in cells.enumerated() where count > 0 {
        numbers.add(
          [.text(classes[row]), .text(first.outputs[column]), .number(Double(count), digits: 0)],
          runs: reports.map(\.run))
      }
    }
    let map = HeatMap(
      title: "\(arm) on \(target)", classes: classes, counts: counts, columns: first.outputs,
      right: first.classes.map { first.outputs.firstIndex(of: $0.output) ?? -1 })
    return Figure(
      name: "confusion-\(place)-\(Markup.fileName(arm))", title: map.title,
      caption: "Rows: true class; columns: predicted; percent of a row.", svg: map.svg, numbers: numbers)
  }

  /// Of each target: confusion of the compared arms, and reliability of all.
  var byTarget: [(target: String, figures: [Figure])] {
    let arms = evidence.analysis.arms.map { [$0.first, $0.second] } ?? evidence.study.arms.prefix(1).map(\.name)
    return evidence.study.targets.map(\.name).enumerated().compactMap { index, target in
      let figures =
        arms.compactMap { confusion(of: $0, on: target, place: index + 1) }
        + [reliability(on: target, place: index + 1)].compactMap { $0 }
      return figures.isEmpty ? nil : (target, figures)
    }
  }

  /// Confusion and reliability of each chosen run, as CSV.
  var tables: [(file: String, csv: CSVText)] {
    var confusion = CSVText(header: ["run", "true", "predicted", "images"])
    var reliability = CSVText(header: ["run", "upTo", "images", "accuracy", "confidence"])
    for run in evidence.runs.values.sorted(by: { $0.name < $1.name }) {
      guard let report = run.test else { continue }
      for (row, cells) in report.confusion.enumerated() {
        for (column, count) in cells.enumerated() where count > 0 {
          confusion.add([run.name, report.classes[row].name, report.outputs[column], "\(count)"])
        }
      }
      for bin in report.reliability where bin.samples > 0 {
        reliability.add([
          run.name, "\(bin.upTo)", "\(bin.samples)", bin.accuracy.map { "\($0)" } ?? "",
          bin.confidence.map { "\($0)" } ?? "",
        ])
      }
    }
    return [("confusion-runs.csv", confusion), ("reliability-runs.csv", reliability)]
  }
}
