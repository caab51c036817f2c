/// Precision and recall of the detections of one class, from the highest score on.
package struct PrecisionRecallCurve: Sendable, Equatable, Codable {
  /// The number of objects to find.
  package var objects: Int
  /// The scores of the detections that count, falling.
  package var scores: [Double]
  /// The share of objects found by the detections up to each.
  package var recalls: [Double]
  /// The share of right detections up to each.
  package var precisions: [Double]

  /// The curve of detections in the order of their scores, each right or wrong.
  package init(objects: Int, _ detections: [(score: Double, isRight: Bool)]) {
    self.objects = objects
    scores = detections.map(\.score)
    (recalls, precisions) = ([], [])
    var right = 0
    for (index, detection) in detections.enumerated() {
      right += detection.isRight ? 1 : 0
      recalls.append(Double(right) / Double(objects))
      precisions.append(Double(right) / Double(index + 1))
    }
  }

  /// For each detection the highest precision from it on.
  package var envelope: [Double] {
    var envelope = precisions
    for index in envelope.indices.dropLast().reversed() { envelope[index] = max(envelope[index], envelope[index + 1]) }
    return envelope
  }

  /// The highest precision at these recalls, in increasing order, or more; 0 beyond the last.
  func precisions(atRecalls levels: [Double]) -> [Double] {
    let envelope = envelope
    var next = 0
    return levels.map { level in
      while next < recalls.count, recalls[next] < level { next += 1 }
      return next < recalls.count ? envelope[next] : 0
    }
  }

  /// The area under the envelope, over all points of the curve (VOC from 2010 on); nil without objects.
  package var allPoints: Double? {
    guard objects > 0 else { return nil }
    let envelope = envelope
    var (area, before) = (0.0, 0.0)
    for (recall, precision) in zip(recalls, envelope) {
      area += (recall - before) * precision
      before = recall
    }
    return area
  }

  /// The mean of the envelope at recalls 0, 0.1, … 1 (VOC 2007); nil without objects.
  package var elevenPoints: Double? {
    guard objects > 0 else { return nil }
    return precisions(atRecalls: (0...10).map { Double($0) * 0.1 }).reduce(0, +) / 11
  }
}
