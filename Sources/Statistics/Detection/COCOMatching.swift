/// Detections and objects of one class in one image, matched as `pycocotools.cocoeval.evaluateImg` does.
struct COCOMatching {
  /// What the detections of an image are for objects of one size.
  struct Result {
    /// Objects to find.
    var objects: Int
    /// For each threshold the detections by falling score.
    var judged: [[(score: Double, isRight: Bool, isIgnored: Bool)]]
  }

  private let objects: [TrueObject]
  private let detections: [FoundObject]
  /// For each detection its overlap with each object.
  private let overlaps: [[Double]]

  /// - Parameter detections: by falling score.
  init(_ objects: [TrueObject], _ detections: [FoundObject]) {
    (self.objects, self.detections) = (objects, detections)
    overlaps = detections.map { detection in
      objects.map { detection.box.overlap(with: $0.box, isCrowd: $0.isCrowd) }
    }
  }

  func matched(_ areas: ClosedRange<Double>, _ thresholds: [Double]) -> Result {
    let isIgnored = objects.map { $0.isCrowd || !areas.contains($0.box.area) }
    // Objects that count come first.
    let order = objects.indices.filter { !isIgnored[$0] } + objects.indices.filter { isIgnored[$0] }
    let judged = thresholds.map { threshold in
      var isTaken = [Bool](repeating: false, count: objects.count)
      return detections.indices.map { index -> (score: Double, isRight: Bool, isIgnored: Bool) in
        var (least, match) = (min(threshold, 1 - 1e-10), Int?.none)
        for object in order {
          if isTaken[object], !objects[object].isCrowd { continue }
          if let match, !isIgnored[match], isIgnored[object] { break }
          if overlaps[index][object] < least { continue }
          (least, match) = (overlaps[index][object], object)
        }
        guard let match else {
          return (detections[index].score, false, !areas.contains(detections[index].box.area))
        }
        isTaken[match] = true
        return (detections[index].score, !isIgnored[match], isIgnored[match])
      }
    }
    return Result(objects: isIgnored.count { !$0 }, judged: judged)
  }
}
