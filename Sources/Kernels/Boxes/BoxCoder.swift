#if canImport(Glibc)
  import Glibc
#endif

/// Boxes as deltas relative to reference boxes (Girshick, Fast R-CNN, 2015, and R-CNN, 2014, appendix C).
///
/// dx = wx·(x − xᵣ) / wᵣ, dw = ww·log(w / wᵣ) for centers x, widths w and the reference's xᵣ, wᵣ; y and heights likewise.
/// Source of the order of operations: torchvision `models.detection._utils.BoxCoder`.
package struct BoxCoder: Sendable, Equatable {
  /// The factors of dx, dy, dw and dh: the inverse of Fast R-CNN's standard deviations, 0.1 and 0.2.
  package let weights: [Float]
  /// The largest dw and dh that a box is decoded with: log(1000 / 16), as in torchvision.
  package static let largestLogarithm: Float = 4.135166556742356

  /// The weights of Fast R-CNN's box regression: 10, 10, 5, 5.
  package static let regions = BoxCoder(weights: [10, 10, 5, 5])
  /// The weights of a region proposal network: 1, 1, 1, 1.
  package static let proposals = BoxCoder(weights: [1, 1, 1, 1])

  /// A coder of these weights; traps unless there are four above 0.
  package init(weights: [Float]) {
    precondition(weights.count == 4 && weights.allSatisfy { $0 > 0 }, "BoxCoder: weights \(weights)")
    self.weights = weights
  }

  /// The deltas that take each reference to its box, four for each.
  package func deltas(from references: Boxes, to boxes: Boxes) -> [Float] {
    precondition(references.count == boxes.count, "BoxCoder: \(boxes.count) boxes for \(references.count) references")
    var deltas: [Float] = []
    deltas.reserveCapacity(4 * boxes.count)
    for index in boxes.indices {
      let (width, height) = (references.width(index), references.height(index))
      let (x, y) = (references.left(index) + 0.5 * width, references.top(index) + 0.5 * height)
      let (ownWidth, ownHeight) = (boxes.width(index), boxes.height(index))
      let (ownX, ownY) = (boxes.left(index) + 0.5 * ownWidth, boxes.top(index) + 0.5 * ownHeight)
      deltas.append(weights[0] * (ownX - x) / width)
      deltas.append(weights[1] * (ownY - y) / height)
      deltas.append(weights[2] * log(ownWidth / width))
      deltas.append(weights[3] * log(ownHeight / height))
    }
    return deltas
  }

  /// The boxes that deltas make of references.
  ///
  /// - Parameters:
  ///   - deltas: four for each reference, beginning at the given places of the span.
  ///   - places: the first element of each reference's deltas.
  package func boxes(from references: Boxes, _ deltas: Span<Float>, at places: [Int]) -> Boxes {
    precondition(
      places.count == references.count, "BoxCoder: \(places.count) deltas for \(references.count) references")
    var edges: [Float] = []
    edges.reserveCapacity(4 * places.count)
    for (index, place) in places.enumerated() {
      let (width, height) = (references.width(index), references.height(index))
      let (x, y) = (references.left(index) + 0.5 * width, references.top(index) + 0.5 * height)
      let dw = min(deltas[place + 2] / weights[2], Self.largestLogarithm)
      let dh = min(deltas[place + 3] / weights[3], Self.largestLogarithm)
      let (ownX, ownY) = (deltas[place] / weights[0] * width + x, deltas[place + 1] / weights[1] * height + y)
      let (halfWidth, halfHeight) = (0.5 * (exp(dw) * width), 0.5 * (exp(dh) * height))
      edges += [ownX - halfWidth, ownY - halfHeight, ownX + halfWidth, ownY + halfHeight]
    }
    return Boxes(edges: edges)
  }

  /// The boxes that deltas, four for each, make of references.
  package func boxes(from references: Boxes, _ deltas: [Float]) -> Boxes {
    boxes(from: references, deltas.span, at: references.indices.map { 4 * $0 })
  }
}
