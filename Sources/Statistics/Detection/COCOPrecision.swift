/// Average precision and recall as COCO's evaluation computes them (Lin et al. 2014; `pycocotools.cocoeval`).
///
/// Overlaps of 0.50, 0.55, … 0.95; precision at recalls 0, 0.01, … 1. A detection may match a crowd, as often as it comes, or
/// an object of another size, and then counts neither way. The area of an object is that of its box. Difficult objects count
/// as any other.
package struct COCOPrecision: Sendable, Equatable, Codable {
  /// Sizes of objects by their area in pixels.
  package enum Size: String, Sendable, Codable, CaseIterable {
    /// Any area.
    case all
    /// Up to 32².
    case small
    /// 32² to 96².
    case medium
    /// From 96² on.
    case large

    var areas: ClosedRange<Double> {
      switch self {
      case .all: 0...1e10
      case .small: 0...1024
      case .medium: 1024...9216
      case .large: 9216...1e10
      }
    }
  }

  /// The overlaps from which on a detection is right.
  package static let thresholds: [Double] = {
    let step: Double = (0.95 - 0.5) / 9
    return (0..<9).map { index -> Double in 0.5 + Double(index) * step } + [0.95]
  }()
  static let recallLevels: [Double] = (0..<100).map { Double($0) * 0.01 } + [1]

  /// The numbers of one class for objects of one size.
  package struct Row: Sendable, Equatable, Codable {
    /// The class.
    package var label: Int
    /// The size of the objects.
    package var size: Size
    /// Detections of an image and class that count, at most.
    package var limit: Int
    /// Objects to find.
    package var objects: Int
    /// The average precision at each threshold.
    package var precisions: [Double]
    /// The share of objects found at each threshold.
    package var recalls: [Double]
  }

  /// A row for each class that has objects of a size, by size and limit.
  package var rows: [Row]

  /// The precision of detections.
  ///
  /// - Parameters:
  ///   - classes: the number of classes; labels are 0 ..< classes.
  ///   - limits: detections of an image and class that count, at most; the last is that of the precision.
  package init(_ objects: [TrueObject], _ detections: [FoundObject], classes: Int, limits: [Int] = [1, 10, 100]) {
    var (truth, found) = ([[Int: [TrueObject]]](repeating: [:], count: classes), [[Int: [FoundObject]]]())
    for object in objects { truth[object.label][object.image, default: []].append(object) }
    found = [[Int: [FoundObject]]](repeating: [:], count: classes)
    for detection in detections { found[detection.label][detection.image, default: []].append(detection) }
    let most = limits.last ?? 100
    var rows: [Row] = []
    for label in 0..<classes {
      let images = Set(truth[label].keys).union(found[label].keys).sorted()
      let pairs = images.map { image in
        COCOMatching(truth[label][image] ?? [], Array((found[label][image] ?? []).byScore.prefix(most)))
      }
      for size in Size.allCases {
        let matched = pairs.map { $0.matched(size.areas, Self.thresholds) }
        let wanted = matched.reduce(0) { $0 + $1.objects }
        guard wanted > 0 else { continue }
        for limit in limits {
          rows.append(Self.row(matched, label, size, limit: limit, objects: wanted))
        }
      }
    }
    self.rows = rows
  }

  private static func row(
    _ images: [COCOMatching.Result], _ label: Int, _ size: Size, limit: Int, objects: Int
  ) -> Row {
    var row = Row(label: label, size: size, limit: limit, objects: objects, precisions: [], recalls: [])
    for threshold in thresholds.indices {
      let judged = images.flatMap { $0.judged[threshold].prefix(limit) }
      let order = judged.indices.sorted {
        judged[$0].score == judged[$1].score ? $0 < $1 : judged[$0].score > judged[$1].score
      }
      let counting = order.map { judged[$0] }.filter { !$0.isIgnored }
      let curve = PrecisionRecallCurve(objects: objects, counting.map { ($0.score, $0.isRight) })
      row.precisions.append(curve.precisions(atRecalls: recallLevels).reduce(0, +) / Double(recallLevels.count))
      row.recalls.append(curve.recalls.last ?? 0)
    }
    return row
  }

  /// The mean average precision over classes and thresholds; nil if no class has such objects.
  ///
  /// - Parameters:
  ///   - threshold: the place in `thresholds`; nil takes all.
  ///   - label: one class; nil takes all.
  package func precision(
    _ size: Size = .all, threshold: Int? = nil, label: Int? = nil, limit: Int = 100
  ) -> Double? {
    mean(\.precisions, size, threshold, label, limit)
  }

  /// The mean recall over classes and thresholds; nil if no class has such objects.
  package func recall(_ size: Size = .all, limit: Int = 100, label: Int? = nil) -> Double? {
    mean(\.recalls, size, nil, label, limit)
  }

  private func mean(
    _ values: (Row) -> [Double], _ size: Size, _ threshold: Int?, _ label: Int?, _ limit: Int
  ) -> Double? {
    let chosen = rows.filter { row in
      row.size == size && row.limit == limit && (label == nil || row.label == label)
    }
    return chosen.flatMap { row -> [Double] in
      let all = values(row)
      return threshold.map { [all[$0]] } ?? all
    }.mean
  }
}
