package import Autodiff
internal import Kernels
internal import Layers
package import Networks
package import Tensors

extension Detection {
  /// Regions that go through the head at once.
  private static let regionsAtOnce = 512

  /// Finds the objects of a batch's images and adds them, with the ground truth, to a tally.
  package func evaluate(
    _ batch: TaskBatch<Self>, through network: Network, on tape: Tape, into tally: inout DetectionTally
  ) {
    let found = detections(in: batch.targets.pictures, batch.input, through: network, on: tape)
    for (picture, detections) in zip(batch.targets.pictures, found) {
      tally.add(picture, detections.map { $0.filter { judged.contains($0.label) } })
    }
  }

  /// The objects in each image of a batch by falling score, in pixels of the image itself; nil where a number is not finite.
  func detections(
    in pictures: [DetectionTargets.Picture], _ batch: Batch, through network: Network, on tape: Tape
  ) -> [[DetectedObject]?] {
    let end = network.trunkOutput(of: batch.maps(on: tape), on: tape)
    let (proposals, proposed) = proposals(of: pictures, network, end, on: tape)
    return pictures.indices.map { image in
      proposed?.isFinite(image) == false
        ? nil
        : detections(of: proposals[image], in: pictures[image], at: image, network, end, on: tape)
    }
  }

  private func detections(
    of proposals: Boxes, in picture: DetectionTargets.Picture, at image: Int, _ network: Network, _ end: Activation,
    on tape: Tape
  ) -> [DetectedObject]? {
    var found = [(boxes: Boxes, scores: [Float])](repeating: (Boxes(), []), count: classNames.count)
    for first in stride(from: 0, to: proposals.count, by: Self.regionsAtOnce) {
      let part = proposals.selected(first..<min(first + Self.regionsAtOnce, proposals.count))
      let outputs = network.outputs(
        [NetworkOutputs.main, DetectorOutputs.boxes], from: end,
        regions: part.indices.map { Region(image: image, box: part[$0]) }, on: tape)
      let deltas = outputs.features(DetectorOutputs.boxes).value
      guard Elementwise.isFinite(outputs.logits.value), Elementwise.isFinite(deltas) else { return nil }
      let scores = CrossEntropy.softmax(outputs.logits.value).values
      for label in classNames.indices {
        let likely = part.indices.filter {
          Double(scores[$0 * self.outputs + label + 1]) >= settings.output.score
        }
        let boxes = deltas.withSpan { span in
          BoxCoder.regions.boxes(
            from: part.selected(likely), span, at: likely.map { deltaPlace(ofRegion: $0, label: label) })
        }.clipped(to: picture.extent)
        let there = boxes.indices(atLeast: 1)
        found[label].boxes.append(boxes.selected(there))
        found[label].scores += there.map { scores[likely[$0] * self.outputs + label + 1] }
      }
    }
    let suppression = NonMaximumSuppression(threshold: settings.output.overlap, limit: settings.output.perImage)
    let kept = found.indices.flatMap { label in
      suppression.kept(found[label].boxes, scores: found[label].scores).map { index in
        DetectedObject(
          label: label, box: picture.source(found[label].boxes[index]), score: found[label].scores[index])
      }
    }
    return NonMaximumSuppression.order(of: kept.map(\.score)).prefix(settings.output.perImage).map { kept[$0] }
  }
}

/// An object that a detector found in an image.
package struct DetectedObject: Sendable, Equatable {
  /// The network's class, counted from 0.
  package var label: Int
  /// Where it is, in pixels of the image; the second corner is inclusive.
  package var box: Box
  /// The softmax probability of the class.
  package var score: Float
}
