import CKernels

/// Non-maximum suppression: of boxes that overlap, the one with the highest score is kept.
///
/// Boxes are taken by falling score, of equal scores the first one first; each removes the later ones whose intersection
/// over union with it is above the threshold. The kept boxes are those of torchvision's CPU operator `nms`, bit by bit.
package struct NonMaximumSuppression: Sendable, Equatable {
  /// The intersection over union above which the lower box is removed.
  package let threshold: Double
  /// The most boxes that are kept; nil keeps all.
  package let limit: Int?

  /// A suppression by a threshold; traps unless it is a number of 0 or more.
  package init(threshold: Double, limit: Int? = nil) {
    precondition(threshold >= 0 && limit ?? 0 >= 0, "NonMaximumSuppression: threshold \(threshold)")
    (self.threshold, self.limit) = (threshold, limit)
  }

  /// Boxes that are compared with each other before the rest of the list is.
  private static let block = 64
  /// Boxes in a tile of the rest.
  private static let tile = 1024

  /// The indices of the boxes that are kept, by falling score.
  ///
  /// - Parameter scores: one for each box; a box with a score that is not a number is removed.
  package func kept(_ boxes: Boxes, scores: [Float]) -> [Int] {
    precondition(scores.count == boxes.count, "NonMaximumSuppression: \(scores.count) scores for \(boxes.count) boxes")
    let order = Self.order(of: scores)
    let (count, most) = (order.count, limit ?? order.count)
    guard count > 0, most > 0 else { return [] }
    // A Float is above the threshold if and only if it is above the largest Float up to it.
    var bound = Float(threshold)
    if Double(bound) > threshold { bound = bound.nextDown }
    let planes = boxes.planes(order)
    var removed = [Int32](repeating: 0, count: count)
    var kept: [Int] = []
    planes.withUnsafeBufferPointer { planes in
      removed.withUnsafeMutableBufferPointer { removed in
        nonisolated(unsafe) let (base, flags) = (planes.baseAddress!, removed.baseAddress!)
        let stride = Int64(count)
        func box(_ place: Int) -> [Float] { (0..<5).map { base[$0 * count + place] } }
        for start in Swift.stride(from: 0, to: count, by: Self.block) {
          let end = min(start + Self.block, count)
          var keepers: [[Float]] = []
          for place in start..<end where flags[place] == 0 {
            keepers.append(box(place))
            kept.append(order[place])
            if kept.count == most { return }
            kernel_box_suppress(base, stride, keepers[keepers.count - 1], bound, Int64(place + 1), Int64(end), flags)
          }
          let found = keepers
          Tiling.ranges(of: count - end, each: Self.tile) { range in
            for keeper in found {
              kernel_box_suppress(
                base, stride, keeper, bound, Int64(end + range.lowerBound), Int64(end + range.upperBound), flags)
            }
          }
        }
      }
    }
    return kept
  }

  /// The indices of the boxes that are kept if boxes of different groups, such as classes, do not remove each other.
  ///
  /// - Parameter groups: the group of each box.
  package func kept(_ boxes: Boxes, scores: [Float], groups: [Int]) -> [Int] {
    precondition(groups.count == boxes.count, "NonMaximumSuppression: \(groups.count) groups for \(boxes.count) boxes")
    var members: [Int: [Int]] = [:]
    for (index, group) in groups.enumerated() { members[group, default: []].append(index) }
    var isKept = [Bool](repeating: false, count: boxes.count)
    for indices in members.values {
      for place in kept(boxes.selected(indices), scores: indices.map { scores[$0] }) { isKept[indices[place]] = true }
    }
    let kept = Self.order(of: scores).filter { isKept[$0] }
    return limit.map { Array(kept.prefix($0)) } ?? kept
  }

  /// The indices of scores from the highest on, of equal ones the first one first; without those that are not numbers.
  package static func order(of scores: [Float]) -> [Int] {
    scores.indices.filter { !scores[$0].isNaN }.sorted { scores[$0] == scores[$1] ? $0 < $1 : scores[$0] > scores[$1] }
  }
}
