internal import Datasets
internal import Statistics
internal import Support
internal import Training

/// What a run's page shows of a classifier's evaluation.
struct ClassificationPage {
  let measurement: RunMeasurement
  let domain: DomainEvaluation<ClassificationReport>
  private var report: ClassificationReport { domain.report }

  /// Pictures in each gallery, at most.
  static let galleryLimit = 12

  /// The result in a sentence.
  var sentence: String {
    let interval = report.accuracyInterval.map { "95 % interval \($0.percentText)" } ?? "no interval"
    return "Accuracy \(percent(report.accuracy)) on the \(report.samples) \(domain.split) samples of \(domain.name) "
      + "(\(interval); \(report.correct) right)."
  }

  /// The other numbers.
  var numbers: String {
    var parts = [
      "Log loss \(report.loss.map { $0.formatted(digits: 4) } ?? "none")",
      "calibration error \((100 * report.calibrationError).formatted(digits: 1)) percentage points",
    ]
    if let balanced = report.balancedAccuracy { parts.append("balanced accuracy \(percent(balanced))") }
    if let macro = report.macroF1 { parts.append("macro F1 \(percent(macro))") }
    if let five = report.top5Accuracy { parts.append("top-5 accuracy \(percent(five))") }
    if let worst = report.worstClass, let accuracy = worst.accuracy {
      parts.append("worst class \(worst.name) (\(percent(accuracy)))")
    }
    return parts.joined(separator: ", ") + "."
  }

  /// What was left out or counted otherwise, a sentence each.
  var notes: [String] {
    var notes: [String] = []
    if let matching = report.matching, !matching.text.isEmpty {
      notes += matching.text.split(separator: "\n").map(String.init)
    }
    if !measurement.isOwnDataset {
      switch domain.drop {
      case .points(let points):
        notes.append(
          "\(points.formatted(digits: 1)) percentage points below the run's own \(domain.split) images"
            + (domain.dropClasses.map { ", both on the classes \($0.listed) alone" } ?? "") + ".")
      case .none(let reason): notes.append("No drop from the run's own images: \(reason).")
      }
    }
    if report.withoutPrediction > 0 {
      notes.append("\(report.withoutPrediction) samples have logits that are not finite; they count as wrong.")
    }
    return notes
  }

  /// With a space that does not break.
  private func percent(_ share: Double) -> String { (100 * share).formatted(digits: 1) + "\u{A0}%" }

  // MARK: Classes

  /// A row for each class.
  var classes: DataTable {
    var table = DataTable(columns: [
      "class", "samples", "right", "accuracy, %", "95 % interval", "predicted as it", "of these right, %",
    ])
    for (row, result) in report.classes.enumerated() {
      let column = report.outputs.firstIndex(of: result.output)
      let predicted = column.map { column in report.confusion.reduce(0) { $0 + $1[column] } } ?? 0
      // Several classes of the data can be one of the network's.
      let right = column.map { column in
        report.classes.indices.filter { report.classes[$0].output == result.output }
          .reduce(0) { $0 + report.confusion[$1][column] }
      }
      table.add([
        .text(report.classes[row].name), .number(Double(result.samples), digits: 0),
        .number(Double(result.correct), digits: 0), .number(result.accuracy.map { 100 * $0 }, digits: 1),
        .text(result.accuracyInterval?.percentText ?? "–"), .number(Double(predicted), digits: 0),
        .number(predicted == 0 ? nil : right.map { 100 * Double($0) / Double(predicted) }, digits: 1),
      ])
    }
    return table
  }

  /// Confusion and reliability.
  var figures: String {
    let (confusion, reliability) = (confusion.html(isAlone: true), reliability?.html(isAlone: true) ?? "")
    return isWide
      ? confusion + "<div class=\"pair\">\n\(reliability)</div>\n"
      : "<div class=\"pair\">\n\(confusion)\(reliability)</div>\n"
  }

  /// Whether there are too many classes for a narrow figure.
  private var isWide: Bool { report.outputs.count > 12 }

  private var confusion: Figure {
    var numbers = DataTable(columns: ["true", "predicted", "samples"], leading: 2)
    for (row, cells) in report.confusion.enumerated() {
      for (column, count) in cells.enumerated() where count > 0 {
        numbers.add([
          .text(report.classes[row].name), .text(report.outputs[column]), .number(Double(count), digits: 0),
        ])
      }
    }
    let map = HeatMap(
      title: "Confusion", classes: report.classes.map(\.name), counts: report.confusion, columns: report.outputs,
      right: report.classes.map { report.outputs.firstIndex(of: $0.output) ?? -1 },
      width: isWide ? 720 : 460)
    return Figure(
      name: "confusion", title: map.title, caption: "Rows: true class; columns: predicted; percent of a row.",
      svg: map.svg, numbers: numbers)
  }

  private var reliability: Figure? {
    let points = report.reliability.compactMap { bin -> Plot.Point? in
      guard let accuracy = bin.accuracy, let confidence = bin.confidence else { return nil }
      return Plot.Point(x: confidence, y: accuracy, text: "\(bin.samples) samples")
    }
    guard !points.isEmpty else { return nil }
    var look = SVG.Look.faint
    look.isDashed = true
    let plot = Plot(
      title: "Confidence and accuracy", xLabel: "mean confidence", yLabel: "accuracy",
      series: [
        .init(name: "this network", look: SVG.Look(arm: 0), style: .line, points: points),
        .init(name: "perfectly calibrated", look: look, style: .line, points: [.init(x: 0, y: 0), .init(x: 1, y: 1)]),
      ], width: 460, height: 380)
    return Figure(
      "reliability", plot,
      caption:
        "Expected calibration error \((100 * report.calibrationError).formatted(digits: 1)) percentage points: the "
        + "mean distance from perfect calibration over samples, in \(ClassificationTally.binCount) bins of equal width."
    )
  }

  // MARK: Mistakes

  /// Galleries of mistakes: those that the network was surest of, and the samples whose own class it gave least.
  var mistakes: String {
    let wrong = domain.predictions.filter { !$0.isCorrect && $0.predicted != nil }
    guard !wrong.isEmpty else { return Markup.paragraph("No sample was classified wrongly.") }
    guard measurement.dataset.header.features == nil else {
      return Markup.paragraph("\(wrong.count) mistakes; the dataset holds feature maps, so that there are no pictures.")
    }
    let sure = wrong.sorted { ($1.probability ?? 0, $0.sample) < ($0.probability ?? 0, $1.sample) }
      .prefix(Self.galleryLimit)
    let shown = Set(sure.map(\.sample))
    let worst = wrong.filter { !shown.contains($0.sample) }
      .sorted { ($0.labelProbability ?? 1, $0.sample) < ($1.labelProbability ?? 1, $1.sample) }
      .prefix(Self.galleryLimit)
    return Markup.paragraph(
      "\(wrong.count) of \(report.samples) samples were classified wrongly. Pictures are as the dataset holds them.",
      style: "dim")
      + part("most-confident-mistakes", "The most confident mistakes", Array(sure))
      + part("least-probable-truth", "Those whose true class got the least probability, besides these", Array(worst))
  }

  private func part(_ id: String, _ title: String, _ predictions: [ClassPrediction]) -> String {
    guard !predictions.isEmpty else { return "" }
    let cards = predictions.compactMap { card($0) }
    let missing = predictions.count - cards.count
    return "<h3 id=\"\(id)\">\(Markup.escaped(title))</h3>\n" + Gallery(size: .small, cards: cards).html
      + (missing == 0 ? "" : Markup.paragraph("\(missing) pictures cannot be read.", style: "dim"))
  }

  private func card(_ prediction: ClassPrediction) -> Gallery.Card? {
    guard let image = try? measurement.dataset.image(at: prediction.image) else { return nil }
    let name = measurement.name(ofImage: prediction.image)
    let box = measurement.dataset.box(of: prediction.sample)
    let frames = box.map { [Picture.Frame(box: $0, kind: .truth, tip: prediction.label)] } ?? []
    func share(_ value: Double?) -> String { value.map(percent) ?? "" }
    return Gallery.Card(
      picture: Picture(image, "Picture of \(prediction.label), \(name)", frames: frames, longest: 160),
      lines: [
        name, "true: \(prediction.label), \(share(prediction.labelProbability))",
        "predicted: \(prediction.predicted ?? ""), \(share(prediction.probability))",
      ])
  }
}
