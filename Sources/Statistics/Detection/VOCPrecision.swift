/// Average precision as Pascal VOC's development kit computes it (Everingham et al. 2010), for one threshold of overlap.
///
/// From the highest score on, a detection belongs to the object of its class and image that it overlaps most. It is right if
/// the overlap reaches the threshold and no earlier detection took the object; neither right nor wrong if that object is
/// difficult or a crowd; else wrong. Difficult objects and crowds need not be found.
package struct VOCPrecision: Sendable, Equatable, Codable {
  /// How precision is averaged over recalls.
  package enum Points: String, Sendable, Codable, CaseIterable {
    /// At recalls 0, 0.1, … 1, as in 2007.
    case eleven
    /// Over all points, as from 2010 on.
    case all
  }

  /// The overlap from which on a detection is right.
  package var threshold: Double
  /// A curve for each class.
  package var curves: [PrecisionRecallCurve]

  /// The precision of detections.
  ///
  /// - Parameter classes: the number of classes; labels are 0 ..< classes.
  package init(_ objects: [TrueObject], _ detections: [FoundObject], classes: Int, threshold: Double = 0.5) {
    self.threshold = threshold
    var places = [[Int: [Int]]](repeating: [:], count: classes)
    for (index, object) in objects.enumerated() { places[object.label][object.image, default: []].append(index) }
    var found = [[FoundObject]](repeating: [], count: classes)
    for detection in detections { found[detection.label].append(detection) }
    var isTaken = [Bool](repeating: false, count: objects.count)
    curves = (0..<classes).map { label in
      var judged: [(score: Double, isRight: Bool)] = []
      for detection in found[label].byScore {
        var best: (overlap: Double, index: Int)?
        for index in places[label][detection.image] ?? [] {
          let overlap = detection.box.overlap(with: objects[index].box)
          if overlap > best?.overlap ?? -1 { best = (overlap, index) }
        }
        guard let best, best.overlap >= threshold else {
          judged.append((detection.score, false))
          continue
        }
        if objects[best.index].isDifficult || objects[best.index].isCrowd { continue }
        judged.append((detection.score, !isTaken[best.index]))
        isTaken[best.index] = true
      }
      let wanted = places[label].values.joined().count { !objects[$0].isDifficult && !objects[$0].isCrowd }
      return PrecisionRecallCurve(objects: wanted, judged)
    }
  }

  /// The average precision of each class; nil for a class without objects.
  package func averagePrecisions(_ points: Points) -> [Double?] {
    curves.map { points == .all ? $0.allPoints : $0.elevenPoints }
  }

  /// The mean over the classes that have objects; nil if none has.
  package func mean(_ points: Points) -> Double? { averagePrecisions(points).compactMap(\.self).mean }
}

extension [Double] {
  /// The arithmetic mean; nil without values.
  var mean: Double? { isEmpty ? nil : reduce(0, +) / Double(count) }
}
