package import Datasets
internal import Kernels
package import Networks
internal import Tensors

/// Detection of objects: Fast R-CNN on a dataset's proposals or a grid, or Faster R-CNN with proposals of its own.
///
/// The network's output `main` gives a score for background and for each class of every region, `boxes` the deltas that move
/// the region to the object. Both share the head's hidden layers. Selected by the mean average precision at an overlap of 0.5.
package struct Detection: TrainingTask {
  /// The task's name in files and messages.
  package static let name = "detection"
  /// The mean average precisions: VOC's over all points, which selects by default, VOC's of eleven points, and COCO's.
  package static let metrics = [
    Metric("mAP", .share, .highest, worst: 0), Metric("cocoAP", .share, .highest, worst: 0),
    Metric("mAP11", .share, .highest, worst: 0),
  ]
  /// Sampled regions, those of objects, and the objects among these that got the highest score for their class.
  package static let counts = ["regions", "objects", "recognized"]
  /// All objects of an image are judged together.
  package static let judgesWholeImages = true

  /// Names of the network's classes, in the order of its outputs after background.
  package let classNames: [String]
  let settings: DetectionConfiguration
  let anchors: Anchors
  /// The network's class for each class of the dataset.
  private(set) var correspondence: ClassCorrespondence
  /// The network's classes that are judged.
  private(set) var judged: Set<Int>

  /// The detection of a dataset's classes.
  package init(_ configuration: Configuration, classNames: [String]) {
    self.classNames = classNames
    settings = configuration.detection ?? DetectionConfiguration()
    anchors = Anchors(scales: settings.anchors.scales, ratios: settings.anchors.ratios)
    correspondence = ClassCorrespondence(identityOf: classNames.count)
    judged = Set(classNames.indices)
  }

  /// The network with an output of box deltas, and with a region proposal network if it makes proposals itself.
  package static func described(
    _ network: NetworkDescription, by configuration: Configuration, classes: Int
  ) -> NetworkDescription {
    let settings = configuration.detection ?? DetectionConfiguration()
    let anchors = settings.anchors.scales.count * settings.anchors.ratios.count
    return network.detecting(
      DetectorOutputs(
        boxCount: settings.boxes == .perClass ? 4 * classes : 4,
        anchors: settings.proposals == .network ? anchors : nil, width: settings.network.width))
  }

  /// A score for background and for each class.
  package var outputs: Int { classNames.count + 1 }

  /// The same task, once the dataset has what it needs.
  ///
  /// - Throws: `TrainingError` for settings that have no meaning here, and for a dataset without boxes or proposals.
  package func prepared(
    for configuration: Configuration, training samples: [Int], of dataset: Dataset
  ) throws(TrainingError) -> Detection {
    let data = configuration.data
    let refused: [(String, Bool)] = [
      ("data.trainPerClass", data.trainPerClass != nil), ("data.validationPerClass", data.validationPerClass ?? 0 > 0),
      ("data.sampling", data.sampling == .balanced), ("data.augment.mixup", data.augment?.mixup != nil),
      ("loss.classWeights", configuration.loss.classWeights != nil),
      ("loss.labelSmoothing", configuration.loss.labelSmoothing > 0),
    ]
    if let (key, _) = refused.first(where: \.1) {
      throw TrainingError("\(key): it has no meaning for detection, which learns all objects of an image; remove it")
    }
    guard samples.contains(where: { dataset.box(of: $0) != nil }) else {
      throw TrainingError(
        "\(dataset.path): its training images have no boxes, expected some, as task: detection learns them; prepare it "
          + "with prepare voc, coco or csv-boxes")
    }
    try requireProposals(of: dataset)
    return self
  }

  private func requireProposals(of dataset: Dataset) throws(TrainingError) {
    guard settings.proposals != .dataset || dataset.hasProposals else {
      throw TrainingError(
        "\(dataset.path): it has no proposals, which detection.proposals: dataset takes; prepare it with --proposals FILE, or "
          + "set detection.proposals to network or grid")
    }
  }

  /// The detection of a dataset's objects, as far as their classes are the network's.
  ///
  /// - Throws: `TrainingError` where no class is, names cannot be told apart, or proposals are missing.
  package func applied(to dataset: Dataset, by rule: ClassRule) throws(TrainingError) -> Detection {
    try requireProposals(of: dataset)
    var result = self
    result.correspondence = try ClassCorrespondence(
      of: dataset.classNames, to: classNames, by: rule, path: dataset.path)
    result.judged = Set(result.correspondence.sharedOutputs)
    return result
  }

  /// The same with objects of those classes alone that another dataset has too.
  package func restricted(to other: Detection) -> Detection {
    var result = self
    result.judged.formIntersection(other.judged)
    return result
  }

  /// The network's classes that alone are judged; nil where all are.
  package var scope: [String]? {
    judged.count == classNames.count ? nil : judged.sorted().map { classNames[$0] }
  }

  /// A tally without predictions.
  package var emptyTally: DetectionTally { DetectionTally(classNames: classNames, judged: judged) }

  /// The detections of a tally.
  package func predictions(
    in tally: DetectionTally, samples: [Int], of dataset: Dataset
  ) -> [DetectionPrediction] { tally.predictions }
}
