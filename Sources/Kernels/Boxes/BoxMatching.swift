package import Tensors

/// Which ground truth box each of many boxes stands for, by intersection over union.
///
/// Source: torchvision `models.detection._utils.Matcher`, with one difference: a ground truth box that overlaps no box
/// matches none, while torchvision gives it every box.
package struct BoxMatching: Sendable, Equatable {
  /// What a box is trained as.
  package enum Match: Sendable, Equatable {
    /// The object of an index.
    case object(Int)
    /// Background.
    case background
    /// Neither: it is left out.
    case ignored
  }

  /// The overlap from which on a box is foreground.
  package let foreground: Float
  /// The overlaps of background; a box with an overlap below these, or between them and foreground, is ignored.
  package let background: Range<Float>
  /// Whether an object also matches the boxes that overlap it most, however little.
  package let keepsBest: Bool

  /// A matching; traps unless the overlaps of background end at foreground or before.
  package init(foreground: Float, background: Range<Float>, keepsBest: Bool = false) {
    precondition(
      background.upperBound <= foreground && foreground > 0,
      "BoxMatching: background \(background), foreground from \(foreground)")
    (self.foreground, self.background, self.keepsBest) = (foreground, background, keepsBest)
  }

  /// The match of each box; of several objects with the same overlap the first counts.
  ///
  /// - Parameter overlaps: `[objects, boxes]`.
  package func matches(_ overlaps: Tensor) -> [Match] {
    let (objects, boxes) = (overlaps.shape[0], overlaps.shape[1])
    var best = [Float](repeating: -1, count: boxes)
    var argument = [Int](repeating: 0, count: boxes)
    var isBestOfObject = [Bool](repeating: false, count: keepsBest ? boxes : 0)
    overlaps.withSpan { overlaps in
      for object in 0..<objects {
        var most: Float = 0
        for box in 0..<boxes {
          let overlap = overlaps[object * boxes + box]
          most = max(most, overlap)
          if overlap > best[box] { (best[box], argument[box]) = (overlap, object) }
        }
        guard keepsBest, most > 0 else { continue }
        for box in 0..<boxes where overlaps[object * boxes + box] == most { isBestOfObject[box] = true }
      }
    }
    return (0..<boxes).map { box in
      if objects > 0, best[box] >= foreground || keepsBest && isBestOfObject[box] { return .object(argument[box]) }
      return background.contains(max(best[box], 0)) ? .background : .ignored
    }
  }
}
