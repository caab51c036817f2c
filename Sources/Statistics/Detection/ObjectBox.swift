package import Tensors

/// A box by its left and top edge, width and height, as COCO writes them.
package struct ObjectBox: Sendable, Equatable {
  /// The left edge.
  package var x: Double
  /// The top edge.
  package var y: Double
  /// Right edge minus left edge.
  package var width: Double
  /// Bottom edge minus top edge.
  package var height: Double

  /// A box by its left and top edge and its sides.
  package init(x: Double, y: Double, width: Double, height: Double) {
    (self.x, self.y, self.width, self.height) = (x, y, width, height)
  }

  /// The box of inclusive corners: the last pixel's width and height count.
  package init(_ box: Box) {
    self.init(
      x: Double(box.x1), y: Double(box.y1), width: Double(box.x2) - Double(box.x1) + 1,
      height: Double(box.y2) - Double(box.y1) + 1)
  }

  /// Width times height.
  package var area: Double { width * height }

  /// Intersection over union with another box, or over this box's own area if the other is a crowd.
  package func overlap(with other: ObjectBox, isCrowd: Bool = false) -> Double {
    let shared =
      max(min(x + width, other.x + other.width) - max(x, other.x), 0)
      * max(min(y + height, other.y + other.height) - max(y, other.y), 0)
    return shared == 0 ? 0 : shared / (isCrowd ? area : area + other.area - shared)
  }
}

/// An object that is in an image: ground truth.
package struct TrueObject: Sendable, Equatable {
  /// The image.
  package var image: Int
  /// The class.
  package var label: Int
  /// Where it is.
  package var box: ObjectBox
  /// Marked difficult: VOC's precision counts neither the object nor its detections.
  package var isDifficult: Bool
  /// A box around many objects: COCO's precision does not count detections inside it.
  package var isCrowd: Bool

  /// An object of a class in an image.
  package init(image: Int, label: Int, box: ObjectBox, isDifficult: Bool = false, isCrowd: Bool = false) {
    (self.image, self.label, self.box) = (image, label, box)
    (self.isDifficult, self.isCrowd) = (isDifficult, isCrowd)
  }
}

/// An object that a network found.
package struct FoundObject: Sendable, Equatable {
  /// The image.
  package var image: Int
  /// The class.
  package var label: Int
  /// Where it is.
  package var box: ObjectBox
  /// The network's score; higher is surer.
  package var score: Double

  /// A detection with its score.
  package init(image: Int, label: Int, box: ObjectBox, score: Double) {
    (self.image, self.label, self.box, self.score) = (image, label, box, score)
  }
}

extension [FoundObject] {
  /// From the highest score on; of equal scores the first one first.
  var byScore: [FoundObject] {
    indices.sorted { self[$0].score == self[$1].score ? $0 < $1 : self[$0].score > self[$1].score }.map { self[$0] }
  }
}
