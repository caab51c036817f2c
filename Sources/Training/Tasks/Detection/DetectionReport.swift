package import Statistics
internal import Support

/// Average precisions of a detector, of each class and as means.
package struct DetectionReport: TaskReport {
  /// A report's rows of predictions.
  package typealias Prediction = DetectionPrediction

  /// One class.
  package struct ClassResult: Sendable, Equatable, Codable {
    /// The network's name of the class.
    package var name: String
    /// The objects to find; difficult ones and crowds do not count.
    package var objects: Int
    /// Detections that count.
    package var detections: Int
    /// VOC's average precision over all points at an overlap of 0.5; nil without objects.
    package var averagePrecision: Double?
    /// VOC's average precision of eleven points at an overlap of 0.5; nil without objects.
    package var elevenPoints: Double?
    /// COCO's average precision over overlaps of 0.5 to 0.95; nil without objects.
    package var cocoAP: Double?
    /// COCO's average precision of small, medium and large objects; those that there are.
    package var cocoOfSizes: [String: Double]
    /// Precision and recall at an overlap of 0.5, from the highest score on.
    package var curve: PrecisionRecallCurve
  }

  /// The number of images.
  package var images: Int
  /// Images for which the network gave a number that is not finite; nothing is found in them.
  package var withoutPrediction: Int
  /// The classes that are judged.
  package var classes: [ClassResult]
  /// COCO's twelve numbers by their names: `AP`, `AP50`, `AP75`, `APs`, `APm`, `APl`, `AR1`, `AR10`, `AR100`, `ARs`, `ARm` and
  /// `ARl`; those without objects are left out.
  package var coco: [String: Double]

  /// The report on detections of some of the network's classes.
  init(
    _ truth: [TrueObject], _ found: [FoundObject], classNames: [String], judged: [Int], images: Int,
    withoutPrediction: Int
  ) {
    let voc = VOCPrecision(truth, found, classes: classNames.count)
    let coco = COCOPrecision(truth, found, classes: classNames.count)
    (self.images, self.withoutPrediction) = (images, withoutPrediction)
    classes = judged.map { label in
      var sizes: [String: Double] = [:]
      for size in COCOPrecision.Size.allCases where size != .all {
        sizes[size.rawValue] = coco.precision(size, label: label)
      }
      return ClassResult(
        name: classNames[label], objects: voc.curves[label].objects, detections: voc.curves[label].scores.count,
        averagePrecision: voc.curves[label].allPoints, elevenPoints: voc.curves[label].elevenPoints,
        cocoAP: coco.precision(label: label), cocoOfSizes: sizes, curve: voc.curves[label])
    }
    var numbers: [String: Double] = [:]
    numbers["AP"] = coco.precision()
    (numbers["AP50"], numbers["AP75"]) = (coco.precision(threshold: 0), coco.precision(threshold: 5))
    (numbers["APs"], numbers["APm"]) = (coco.precision(.small), coco.precision(.medium))
    numbers["APl"] = coco.precision(.large)
    (numbers["AR1"], numbers["AR10"], numbers["AR100"]) = (coco.recall(limit: 1), coco.recall(limit: 10), coco.recall())
    (numbers["ARs"], numbers["ARm"], numbers["ARl"]) = (
      coco.recall(.small), coco.recall(.medium), coco.recall(.large)
    )
    self.coco = numbers
  }

  /// VOC's mean average precision over all points at an overlap of 0.5; nil without objects.
  package var mAP: Double? { Self.mean(classes.map(\.averagePrecision)) }
  /// VOC's mean average precision of eleven points at an overlap of 0.5; nil without objects.
  package var mAP11: Double? { Self.mean(classes.map(\.elevenPoints)) }

  private static func mean(_ values: [Double?]) -> Double? {
    let values = values.compactMap(\.self)
    return values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
  }

  /// The means by their names; those without objects are left out.
  package var metrics: [String: Double] {
    var metrics: [String: Double] = [:]
    (metrics["mAP"], metrics["mAP11"], metrics["cocoAP"]) = (mAP, mAP11, coco["AP"])
    return metrics
  }

  /// Whether the network gave finite numbers for any image.
  package var hasPredictions: Bool { withoutPrediction < images }
}

extension DetectionReport {
  /// The report as aligned tables for a terminal.
  package var text: String {
    func percent(_ share: Double?) -> String { share.map { (100 * $0).formatted(digits: 1) + " %" } ?? "–" }
    var lines = "mAP  \(percent(mAP))  (overlap 0.5, all points; \(percent(mAP11)) at 11 points), \(images) images\n"
    lines += "COCO  AP \(percent(coco["AP"])), AP50 \(percent(coco["AP50"])), AP75 \(percent(coco["AP75"]))"
    lines += ", small \(percent(coco["APs"])), medium \(percent(coco["APm"])), large \(percent(coco["APl"]))\n"
    if withoutPrediction > 0 {
      lines += "\(withoutPrediction) images have numbers that are not finite; nothing is found in them\n"
    }
    let table = TextTable(
      header: ["class", "objects", "detections", "AP", "AP of 11 points", "COCO AP"],
      rows: classes.map {
        [
          $0.name, "\($0.objects)", "\($0.detections)", percent($0.averagePrecision), percent($0.elevenPoints),
          percent($0.cocoAP),
        ]
      })
    return lines + "\n" + table.text
  }
}
