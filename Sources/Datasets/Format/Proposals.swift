package import Tensors

/// Boxes of one image that may hold objects, from the highest score on as their source has them.
package struct Proposals: Sendable, Equatable {
  /// The boxes in pixels of the image, the second corner inclusive.
  package var boxes: [Box]
  /// A score for each box; higher is more likely an object.
  package var scores: [Float]

  /// Boxes with their scores; traps unless there is one for each.
  package init(boxes: [Box] = [], scores: [Float] = []) {
    precondition(boxes.count == scores.count, "Proposals: \(scores.count) scores for \(boxes.count) boxes")
    (self.boxes, self.scores) = (boxes, scores)
  }

  /// The number of boxes.
  package var count: Int { boxes.count }
}
