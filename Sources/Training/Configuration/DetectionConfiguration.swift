internal import Serialization
internal import Support

/// The `detection` section: where regions come from, which are sampled and how detections are chosen.
///
/// Defaults are those of Fast R-CNN (Girshick 2015) with a region proposal network (Ren et al. 2015) of torchvision's sizes.
package struct DetectionConfiguration: Codable, Sendable, Equatable {
  /// Where the regions come from that are classified.
  package enum Source: String, Codable, Sendable, CaseIterable {
    /// A region proposal network on the backbone's maps, trained jointly.
    case network
    /// The proposals of the dataset.
    case dataset
    /// A dense grid of boxes over each image, of the scales and ratios of `anchors`.
    case grid
  }

  /// The boxes that a region's deltas stand for.
  package enum BoxOutputs: String, Codable, Sendable, CaseIterable {
    /// Four deltas for each class.
    case perClass = "per-class"
    /// Four deltas for all classes.
    case classAgnostic = "class-agnostic"
  }

  /// Where the regions come from.
  package var proposals: Source
  /// Regions that are sampled of each image in a step.
  package var regionsPerImage: Int
  /// The largest share of objects among them.
  package var foregroundFraction: Double
  /// The overlap with an object from which on a region is one.
  package var foregroundOverlap: Double
  /// The overlaps of background: at least the first, below the second.
  package var backgroundOverlap: [Double]
  /// Whether deltas are per class.
  package var boxes: BoxOutputs
  /// The weight of the box loss beside the class loss.
  package var boxLossWeight: Double
  /// β of the smooth L1 loss of regions.
  package var beta: Double
  /// The boxes of the region proposal network or of the grid.
  package var anchors: AnchorConfiguration
  /// The region proposal network.
  package var network: ProposalNetworkConfiguration
  /// Which detections are given.
  package var output: DetectionOutputConfiguration

  private enum CodingKeys: String, CodingKey, OtherNames {
    case proposals, regionsPerImage, foregroundFraction, foregroundOverlap, backgroundOverlap, boxes, boxLossWeight,
      beta
    case anchors, network, output

    static var otherNames: [String: String] {
      ["rpn": "network", "nms": "output.overlap", "scoreThreshold": "output.score", "scales": "anchors.scales"]
    }
  }

  /// The defaults.
  package init() {
    (proposals, regionsPerImage, foregroundFraction) = (.network, 64, 0.25)
    (foregroundOverlap, backgroundOverlap) = (0.5, [0, 0.5])
    (boxes, boxLossWeight, beta) = (.perClass, 1, 1)
    (anchors, network, output) = (.init(), .init(), .init())
  }

  /// Decodes the keys of `detection`.
  /// - Throws: `DecodingError` for a value out of range.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init()
    proposals = try container.decode(.proposals, or: proposals)
    regionsPerImage = try container.decode(.regionsPerImage, or: regionsPerImage)
    foregroundFraction = try container.decode(.foregroundFraction, or: foregroundFraction)
    foregroundOverlap = try container.decode(.foregroundOverlap, or: foregroundOverlap)
    backgroundOverlap = try container.decode(.backgroundOverlap, or: backgroundOverlap)
    boxes = try container.decode(.boxes, or: boxes)
    boxLossWeight = try container.decode(.boxLossWeight, or: boxLossWeight)
    beta = try container.decode(.beta, or: beta)
    anchors = try container.decode(.anchors, or: anchors)
    network = try container.decode(.network, or: network)
    output = try container.decode(.output, or: output)
    try container.require((1...100_000).contains(regionsPerImage), .regionsPerImage, "expected 1 to 100000 regions")
    try container.require((0...1).contains(foregroundFraction), .foregroundFraction, "expected a share of 0 to 1")
    try container.require(
      foregroundOverlap > 0 && foregroundOverlap <= 1, .foregroundOverlap, "expected an overlap above 0, up to 1")
    try container.require(
      backgroundOverlap.count == 2 && backgroundOverlap[0] >= 0 && backgroundOverlap[0] < backgroundOverlap[1]
        && backgroundOverlap[1] <= foregroundOverlap,
      .backgroundOverlap, "expected two overlaps from 0 to foregroundOverlap, such as [0.1, 0.5]")
    try container.require((0...1000).contains(boxLossWeight), .boxLossWeight, "expected 0 to 1000")
    try container.require((0...1000).contains(beta), .beta, "expected 0 to 1000")
  }
}

/// The `detection.anchors` section.
package struct AnchorConfiguration: Codable, Sendable, Equatable {
  /// The square roots of the boxes' areas, in pixels.
  package var scales: [Double]
  /// Height over width.
  package var ratios: [Double]
  /// Pixels from one center of the grid to the next; anchors of a network lie at each position of its maps.
  package var stride: Int
  /// The least width and height of a box of the grid or of a proposal, in pixels.
  package var smallest: Double

  /// The scales of Faster R-CNN.
  package init() { (scales, ratios, stride, smallest) = ([128, 256, 512], [0.5, 1, 2], 16, 1) }

  /// Decodes the keys of `detection.anchors`.
  /// - Throws: `DecodingError` for a value out of range.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init()
    scales = try container.decode(.scales, or: scales)
    ratios = try container.decode(.ratios, or: ratios)
    stride = try container.decode(.stride, or: stride)
    smallest = try container.decode(.smallest, or: smallest)
    try container.require(
      (1...64).contains(scales.count) && scales.allSatisfy { (1...10_000).contains($0) }, .scales,
      "expected 1 to 64 sizes of 1 to 10000 pixels")
    try container.require(
      (1...64).contains(ratios.count) && ratios.allSatisfy { (0.01...100).contains($0) }, .ratios,
      "expected 1 to 64 ratios of height to width of 0.01 to 100")
    try container.require((1...4096).contains(stride), .stride, "expected 1 to 4096 pixels")
    try container.require((0...10_000).contains(smallest), .smallest, "expected 0 to 10000 pixels")
  }
}

/// The `detection.network` section: the region proposal network (Ren et al. 2015).
package struct ProposalNetworkConfiguration: Codable, Sendable, Equatable {
  /// Channels of its 3×3 convolution.
  package var width: Int
  /// Anchors that are sampled of each image in a step.
  package var anchorsPerImage: Int
  /// The largest share of objects among them.
  package var foregroundFraction: Double
  /// The overlap with an object from which on an anchor is one.
  package var foregroundOverlap: Double
  /// The overlap below which an anchor is background.
  package var backgroundOverlap: Double
  /// The weight of its losses.
  package var lossWeight: Double
  /// β of the smooth L1 loss of anchors.
  package var beta: Double
  /// Boxes with the highest scores before those that overlap are removed, in training and in evaluation.
  package var candidates: [Int]
  /// The overlap above which the lower box is removed.
  package var overlap: Double
  /// Proposals of each image, at most, in training and in evaluation.
  package var proposals: [Int]

  /// The numbers of Faster R-CNN.
  package init() {
    (width, anchorsPerImage, foregroundFraction) = (512, 256, 0.5)
    (foregroundOverlap, backgroundOverlap, lossWeight, beta) = (0.7, 0.3, 1, 1.0 / 9)
    (candidates, overlap, proposals) = ([12_000, 6000], 0.7, [2000, 300])
  }

  /// Decodes the keys of `detection.network`.
  /// - Throws: `DecodingError` for a value out of range.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init()
    width = try container.decode(.width, or: width)
    anchorsPerImage = try container.decode(.anchorsPerImage, or: anchorsPerImage)
    foregroundFraction = try container.decode(.foregroundFraction, or: foregroundFraction)
    foregroundOverlap = try container.decode(.foregroundOverlap, or: foregroundOverlap)
    backgroundOverlap = try container.decode(.backgroundOverlap, or: backgroundOverlap)
    lossWeight = try container.decode(.lossWeight, or: lossWeight)
    beta = try container.decode(.beta, or: beta)
    candidates = try container.decode(.candidates, or: candidates)
    overlap = try container.decode(.overlap, or: overlap)
    proposals = try container.decode(.proposals, or: proposals)
    try container.require((1...65_536).contains(width), .width, "expected 1 to 65536 channels")
    try container.require((1...100_000).contains(anchorsPerImage), .anchorsPerImage, "expected 1 to 100000 anchors")
    try container.require((0...1).contains(foregroundFraction), .foregroundFraction, "expected a share of 0 to 1")
    try container.require(
      foregroundOverlap > 0 && foregroundOverlap <= 1, .foregroundOverlap, "expected an overlap above 0, up to 1")
    try container.require(
      backgroundOverlap > 0 && backgroundOverlap <= foregroundOverlap, .backgroundOverlap,
      "expected an overlap above 0, up to foregroundOverlap")
    try container.require((0...1000).contains(lossWeight), .lossWeight, "expected 0 to 1000")
    try container.require((0...1000).contains(beta), .beta, "expected 0 to 1000")
    try container.require((0...1).contains(overlap), .overlap, "expected an overlap of 0 to 1")
    for (key, numbers) in [(CodingKeys.candidates, candidates), (.proposals, proposals)] {
      try container.require(
        numbers.count == 2 && numbers.allSatisfy { (1...1_000_000).contains($0) }, key,
        "expected two numbers of boxes, in training and in evaluation, such as [2000, 300]")
    }
  }
}

/// The `detection.output` section: which detections an evaluation or prediction gives.
package struct DetectionOutputConfiguration: Codable, Sendable, Equatable {
  /// The least score of a detection.
  package var score: Double
  /// The overlap above which the lower of two detections of one class is removed.
  package var overlap: Double
  /// Detections of an image, at most, those with the highest scores.
  package var perImage: Int

  /// The numbers of Fast R-CNN, and COCO's 100 detections.
  package init() { (score, overlap, perImage) = (0.05, 0.3, 100) }

  /// Decodes the keys of `detection.output`.
  /// - Throws: `DecodingError` for a value out of range.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init()
    score = try container.decode(.score, or: score)
    overlap = try container.decode(.overlap, or: overlap)
    perImage = try container.decode(.perImage, or: perImage)
    try container.require((0...1).contains(score), .score, "expected a score of 0 to 1")
    try container.require((0...1).contains(overlap), .overlap, "expected an overlap of 0 to 1")
    try container.require((1...100_000).contains(perImage), .perImage, "expected 1 to 100000 detections")
  }
}
