internal import Autodiff
internal import Kernels
internal import Tensors

/// The region proposal network's part of a step: proposals from its outputs, and its loss (Ren et al. 2015).
struct ProposalNetwork: Sendable {
  let settings: ProposalNetworkConfiguration
  let anchors: Anchors
  /// The least width and height of a proposal in pixels.
  let smallest: Float

  /// What the network gives for a batch: logits `[positions, anchors]`, deltas `[positions, 4 · anchors]`.
  struct Output {
    var objectness: Variable
    var deltas: Variable
    var extents: Extents
    /// The anchors of each image's map.
    var anchors: [Boxes]

    /// Whether all that the network gives for an image is finite.
    func isFinite(_ image: Int) -> Bool {
      [objectness.value, deltas.value].allSatisfy { tensor in
        let columns = tensor.shape[1]
        return tensor.withSpan { span in
          let range = extents.range(image)
          return (range.lowerBound * columns..<range.upperBound * columns).allSatisfy { span[$0].isFinite }
        }
      }
    }
  }

  /// The anchors of maps with what the network gives for them.
  func output(_ objectness: FeatureMaps, _ deltas: FeatureMaps) -> Output {
    let stride = Int((1 / objectness.spatialScale).rounded())
    return Output(
      objectness: objectness.variable, deltas: deltas.variable, extents: objectness.extents,
      anchors: objectness.extents.maps.map { anchors.boxes(of: $0, stride: stride) })
  }

  /// The boxes of the highest scores that do not overlap too much, for each image; no gradient flows through them.
  func proposals(_ output: Output, images: [Extent], isTraining: Bool) -> [Boxes] {
    let (candidates, most) = (settings.candidates[isTraining ? 0 : 1], settings.proposals[isTraining ? 0 : 1])
    let suppression = NonMaximumSuppression(threshold: settings.overlap, limit: most)
    return images.indices.map { image in
      let first = output.extents.starts[image] * anchors.count
      let scores = output.objectness.value.withSpan { span in
        output.anchors[image].indices.map { span[first + $0] }
      }
      let order = Array(NonMaximumSuppression.order(of: scores).prefix(candidates))
      let boxes = output.deltas.value.withSpan { span in
        BoxCoder.proposals.boxes(
          from: output.anchors[image].selected(order), span, at: order.map { 4 * (first + $0) })
      }.clipped(to: images[image])
      let large = boxes.indices(atLeast: smallest)
      let chosen = boxes.selected(large)
      return chosen.selected(suppression.kept(chosen, scores: large.map { scores[order[$0]] }))
    }
  }

  /// The loss of sampled anchors: binary cross-entropy and smooth L1, both over the number of anchors.
  func loss(
    _ output: Output, _ pictures: [DetectionTargets.Picture], on tape: Tape, drawing stream: inout RandomStream
  ) -> Variable {
    let matching = BoxMatching(
      foreground: Float(settings.foregroundOverlap), background: 0..<Float(settings.backgroundOverlap),
      keepsBest: true)
    let sampling = RegionSampling(
      count: settings.anchorsPerImage, foregroundFraction: settings.foregroundFraction)
    var (places, isObject): ([Int], [Bool]) = ([], [])
    var (deltaPlaces, targets): ([Int], [Float]) = ([], [])
    for (image, picture) in pictures.enumerated() {
      let first = output.extents.starts[image] * anchors.count
      let boxes = output.anchors[image]
      let matches = picture.matches(of: boxes, by: matching)
      for index in sampling.chosen(matches, drawing: &stream) {
        places.append(first + index)
        guard case .object(let object) = matches[index] else {
          isObject.append(false)
          continue
        }
        isObject.append(true)
        deltaPlaces += (0..<4).map { 4 * (first + index) + $0 }
        targets += BoxCoder.proposals.deltas(from: boxes.selected([index]), to: picture.objects.selected([object]))
      }
    }
    let factor = Float(settings.lossWeight) / Float(max(places.count, 1))
    return tape.sum(
      tape.binaryCrossEntropy(output.objectness, at: places, isTrue: isObject, factor: factor),
      tape.smoothL1(
        output.deltas, at: deltaPlaces, targets: targets, .init(beta: Float(settings.beta)), factor: factor))
  }
}

extension DetectionTargets.Picture {
  /// The match of each box; background that lies half or more in a place to be ignored is ignored.
  func matches(of boxes: Boxes, by matching: BoxMatching) -> [BoxMatching.Match] {
    var matches = matching.matches(BoxOverlaps.matrix(objects, boxes))
    for index in boxes.indices where !ignored.isEmpty && matches[index] == .background {
      if ignored.indices.contains(where: { boxes.share(of: index, within: ignored, $0) >= 0.5 }) {
        matches[index] = .ignored
      }
    }
    return matches
  }
}

extension Boxes {
  /// The share of a box's area that lies in a box of another list.
  fileprivate func share(of index: Int, within other: Boxes, _ place: Int) -> Float {
    let width = min(right(index), other.right(place)) - max(left(index), other.left(place))
    let height = min(bottom(index), other.bottom(place)) - max(top(index), other.top(place))
    return width > 0 && height > 0 ? width * height / area(index) : 0
  }
}
