internal import Datasets
internal import Statistics
internal import Support
internal import Tensors
internal import Training

/// What a run's page shows of a detector's evaluation.
struct DetectionPage {
  let measurement: RunMeasurement
  let domain: DomainEvaluation<DetectionReport>
  /// The task on the dataset.
  let task: Detection
  private var report: DetectionReport { domain.report }

  /// Pictures in each gallery, at most.
  static let galleryLimit = 6
  /// The score from which on detections are drawn and counted in pictures.
  static let drawnScore = 0.5

  /// The result in a sentence.
  var sentence: String {
    "mAP \(percent(report.mAP)) at an overlap of 0.5 on the \(report.images) \(domain.split) images of \(domain.name)."
  }

  /// The other numbers.
  var numbers: String {
    "COCO's AP \(percent(report.coco["AP"])), AP50 \(percent(report.coco["AP50"])), AP75 \(percent(report.coco["AP75"])); mAP at "
      + "11 points \(percent(report.mAP11))."
  }

  /// What was left out or counted otherwise, a sentence each.
  var notes: [String] {
    var notes: [String] = []
    if let scope = task.scope { notes.append("Judged are the classes \(scope.listed) alone, which both have.") }
    if !measurement.isOwnDataset {
      switch domain.drop {
      case .points(let points):
        notes.append(
          "\(points.formatted(digits: 1)) percentage points of mAP below the run's own \(domain.split) images"
            + (domain.dropClasses.map { ", both on the classes \($0.listed) alone" } ?? "") + ".")
      case .none(let reason): notes.append("No drop from the run's own images: \(reason).")
      }
    }
    if report.withoutPrediction > 0 {
      notes.append(
        "\(report.withoutPrediction) images have numbers that are not finite; nothing is found in them.")
    }
    return notes
  }

  private func percent(_ share: Double?) -> String { share.map { (100 * $0).formatted(digits: 1) + "\u{A0}%" } ?? "–" }

  // MARK: Precision

  /// Precision over recall of each class at an overlap of 0.5.
  var curves: Figure? {
    let series = report.classes.enumerated().compactMap { place, result -> Plot.Series? in
      let curve = result.curve
      guard curve.objects > 0, !curve.scores.isEmpty else { return nil }
      // Right detections raise the recall; the curve falls between them. The last detection ends it.
      var wanted = curve.recalls.indices.filter { $0 == 0 || curve.recalls[$0] > curve.recalls[$0 - 1] }
      let step = (wanted.count + 99) / 100
      wanted = wanted.enumerated().filter { $0.offset.isMultiple(of: max(step, 1)) }.map(\.element)
      if wanted.last != curve.recalls.indices.last { wanted.append(curve.recalls.count - 1) }
      let points = wanted.map { index in
        Plot.Point(
          x: curve.recalls[index], y: curve.precisions[index],
          text: "score \(curve.scores[index].formatted(digits: 3))")
      }
      return Plot.Series(
        name: "\(result.name), AP \(percent(result.averagePrecision))",
        look: SVG.Look(arm: place, isDashed: place % 2 == 1),
        style: .band,
        points: points)
    }
    guard !series.isEmpty else { return nil }
    let plot = Plot(
      title: "Precision and recall", xLabel: "recall", yLabel: "precision", series: series, height: 400, digits: 3)
    return Figure(
      "precision-recall", plot,
      caption:
        "At an overlap of 0.5, from the highest score on; at most 100 right detections of each class, and the last.")
  }

  /// A row for each class, and one for their means.
  var classes: DataTable {
    var table = DataTable(columns: [
      "class", "objects", "detections", "AP, %", "AP of 11 points", "COCO AP", "small", "medium", "large",
    ])
    func share(_ value: Double?) -> DataTable.Field { .number(value.map { 100 * $0 }, digits: 1) }
    for result in report.classes {
      table.add([
        .text(result.name), .number(Double(result.objects), digits: 0), .number(Double(result.detections), digits: 0),
        share(result.averagePrecision), share(result.elevenPoints), share(result.cocoAP),
        share(result.cocoOfSizes["small"]), share(result.cocoOfSizes["medium"]), share(result.cocoOfSizes["large"]),
      ])
    }
    table.add([
      .text("mean"), .number(Double(report.classes.reduce(0) { $0 + $1.objects }), digits: 0),
      .number(Double(report.classes.reduce(0) { $0 + $1.detections }), digits: 0), share(report.mAP),
      share(report.mAP11), share(report.coco["AP"]), share(report.coco["APs"]), share(report.coco["APm"]),
      share(report.coco["APl"]),
    ])
    return table
  }

  /// COCO's twelve numbers.
  var sizes: String {
    let names = [
      ("AP", "average precision over overlaps 0.50 to 0.95"), ("AP50", "at an overlap of 0.50"),
      ("AP75", "at an overlap of 0.75"), ("APs", "of small objects, up to 32²"),
      ("APm", "of medium objects, 32² to 96²"), ("APl", "of large objects, from 96² on"),
      ("AR1", "average recall of 1 detection an image"), ("AR10", "of 10"), ("AR100", "of 100"),
      ("ARs", "of small objects"), ("ARm", "of medium objects"), ("ARl", "of large objects"),
    ]
    var table = DataTable(columns: ["COCO", "what it is", "%"], leading: 2)
    for (key, words) in names {
      table.add([.text(key), .text(words), .number(report.coco[key].map { 100 * $0 }, digits: 1)])
    }
    return Markup.details("COCO's twelve numbers", table.html)
  }

  // MARK: Pictures

  /// What was found in one image, of the detections that are drawn.
  private struct Found {
    var image: Int
    var right: Int
    var missed: Int
    var wrong: Int
    /// 2·TP / (2·TP + FP + FN).
    var score: Double { Double(2 * right) / Double(2 * right + missed + wrong) }
  }

  /// The images with objects or detections, with their objects.
  private var judged: (images: [Found], truth: [Int: [TrueObject]], found: [Int: [DetectionPrediction]]) {
    let dataset = measurement.dataset
    var truth: [Int: [TrueObject]] = [:]
    var order: [Int] = []
    for sample in dataset.samples(of: measurement.options.split) {
      let image = dataset.imageIndex(of: sample)
      if truth[image] == nil { order.append(image) }
      truth[image, default: []] += task.truth(ofSample: sample, in: dataset, extent: dataset.extent(ofImage: image))
    }
    let found = Dictionary(grouping: domain.predictions.filter { Double($0.score) >= Self.drawnScore }, by: \.image)
    let images = order.compactMap { image -> Found? in
      let objects = (found[image] ?? []).map {
        FoundObject(image: image, label: $0.label, box: ObjectBox($0.box), score: Double($0.score))
      }
      let curves = VOCPrecision(truth[image] ?? [], objects, classes: task.classNames.count).curves
      var result = Found(image: image, right: 0, missed: 0, wrong: 0)
      for curve in curves {
        let right = Int((Double(curve.scores.count) * (curve.precisions.last ?? 0)).rounded())
        result.right += right
        result.missed += curve.objects - right
        result.wrong += curve.scores.count - right
      }
      return result.right + result.missed + result.wrong > 0 ? result : nil
    }
    return (images, truth, found)
  }

  /// Galleries of the images in which the most and the least was right.
  var pictures: String {
    guard measurement.dataset.header.features == nil else {
      return Markup.paragraph("The dataset holds feature maps, so that there are no pictures.")
    }
    let (images, truth, found) = judged
    func part(_ id: String, _ title: String, _ chosen: some Sequence<Found>) -> String {
      let cards = chosen.compactMap { one in
        card(one, truth: truth[one.image] ?? [], found: found[one.image] ?? [])
      }
      return cards.isEmpty
        ? "" : "<h3 id=\"\(id)\">\(Markup.escaped(title))</h3>\n" + Gallery(size: .large, cards: cards).html
    }
    let worst = images.filter { $0.missed + $0.wrong > 0 }
      .sorted { ($0.score, $1.missed + $1.wrong, $0.image) < ($1.score, $0.missed + $0.wrong, $1.image) }
      .prefix(Self.galleryLimit)
    let shown = Set(worst.map(\.image))
    let best = images.filter { $0.right > 0 && !shown.contains($0.image) }
      .sorted { ($1.score, $1.right, $0.image) < ($0.score, $0.right, $1.image) }.prefix(Self.galleryLimit)
    return Self.legend
      + Markup.paragraph(
        "Detections of a score of \(Self.drawnScore) or more; an object is found at an overlap of 0.5. Images are ordered by "
          + "F1 = 2·found / (2·found + missed + false), of equal ones by their numbers.", style: "dim")
      + part("worst-pictures", "The worst pictures", worst) + part("best-pictures", "The best pictures", best)
  }

  private static let legend = """
    <p class="legend"><span><svg viewBox="0 0 16 12" class="key" aria-hidden="true"><rect class="truth" x="1" y="1" \
    width="14" height="10"/></svg>ground truth</span> <span><svg viewBox="0 0 16 12" class="key" aria-hidden="true">\
    <rect class="found" x="1" y="1" width="14" height="10"/></svg>detection, dashed</span> <span><svg \
    viewBox="0 0 16 12" class="key" aria-hidden="true"><rect class="spared" x="1" y="1" width="14" height="10"/></svg>\
    ground truth that need not be found (difficult, crowd, ignored), dotted</span></p>

    """

  private func card(_ one: Found, truth: [TrueObject], found: [DetectionPrediction]) -> Gallery.Card? {
    guard let image = try? measurement.dataset.image(at: one.image) else { return nil }
    let frames =
      truth.map { object in
        let isSpared = object.isDifficult || object.isCrowd
        return Picture.Frame(
          box: object.box.corners, kind: isSpared ? .spared : .truth,
          tip: "\(task.classNames[object.label]), ground truth")
      }
      + found.reversed().map { detection in
        Picture.Frame(
          box: detection.box, kind: .found,
          tip: "\(detection.name), detected with a score of \(Double(detection.score).formatted(digits: 3))")
      }
    let name = measurement.name(ofImage: one.image)
    let summary = "\(one.right) of \(one.right + one.missed) objects found, \(one.wrong) false"
    return Gallery.Card(
      picture: Picture(image, "Picture \(name) with boxes: \(summary)", frames: frames, longest: 360),
      lines: [name, summary])
  }
}

extension ObjectBox {
  /// The box by its inclusive corners.
  fileprivate var corners: Box {
    Box(x1: Float(x), y1: Float(y), x2: Float(x + width - 1), y2: Float(y + height - 1))
  }
}
