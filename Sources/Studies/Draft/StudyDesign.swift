internal import Datasets

/// The numbers of a study that its time depends on.
struct StudyDesign: Sendable, Equatable {
  /// Images per step, in all phases.
  static let batch = 16

  let mode: StudyDraft.Mode
  /// The side that images are scaled to; nil keeps their own.
  let side: Int?
  let seeds: Int
  /// Whether there are arms that tell the mechanism, beside the two that are compared.
  let hasMechanism: Bool
  /// The share of the full number of steps, at most 1.
  let effort: Double
  /// Learning rates that a search may add.
  let extensions: Int
  let isFromScratch: Bool
  /// Training images of a target and of a source, and classes, the means over domains.
  private let images: (target: Double, source: Double, classes: Double)

  init(
    _ material: DesignMaterial, mode: StudyDraft.Mode, side: Int?, seeds: Int, hasMechanism: Bool, effort: Double,
    extensions: Int
  ) {
    (self.mode, self.side, self.seeds) = (mode, side, seeds)
    (self.hasMechanism, self.effort, self.extensions) = (hasMechanism, effort, extensions)
    isFromScratch = material.draft.weights == nil
    var sums = (target: 0.0, source: 0.0, classes: 0.0)
    for (domain, shares) in zip(material.survey.domains, material.shares) {
      let classes = domain.classNames.count
      sums.target += Double(classes * shares.targetTrain)
      sums.source += Double(
        domain.counts.reduce(0, +) - classes * (shares.target + shares.sourceValidation + shares.sourceTest))
      sums.classes += Double(classes)
    }
    let count = Double(material.shares.count)
    images = (sums.target / count, sums.source / count, sums.classes / count)
  }

  static func == (a: StudyDesign, b: StudyDesign) -> Bool {
    (a.mode, a.side, a.seeds, a.hasMechanism, a.effort, a.extensions)
      == (b.mode, b.side, b.seeds, b.hasMechanism, b.effort, b.extensions)
  }

  /// The side that images are scaled to when the datasets are made; the backbone of feature maps scales them itself.
  var preparedSide: Int? { mode == .full ? side : nil }

  /// Steps that a source model of `fc` and a fine-tuned network take at full effort.
  private var steps: (source: Double, target: Double) {
    mode == .frozen ? (300, 150) : isFromScratch ? (1200, 300) : (400, 200)
  }

  /// Epochs of fine-tuning.
  var epochs: Int { Self.epochs(steps.target * effort, images.target, 6...40) }
  /// Epochs of source models of `fc`.
  var sourceEpochs: Int { Self.epochs(sourceSteps, sourceImages, 5...60) }
  /// Steps of source models of `fc`.
  var sourceSteps: Double { steps.source * effort }

  /// Training images per class of a source, where more would leave it too few epochs; nil takes all.
  var sourcePerClass: Int? {
    let most = sourceSteps * Double(Self.batch) / 5
    return images.source > most ? max(10, Int(most / images.classes)) : nil
  }

  private var sourceImages: Double { sourcePerClass.map { Double($0) * images.classes } ?? images.source }

  private static func epochs(_ steps: Double, _ images: Double, _ range: ClosedRange<Int>) -> Int {
    let epochs = Int((steps * Double(batch) / max(images, 1)).rounded())
    return min(max(epochs, range.lowerBound), range.upperBound)
  }
}

/// A choice of design, with its time and its reasons.
struct ChosenDesign: Sendable {
  let design: StudyDesign
  let seconds: Double
  let decisions: [StudyDecision]
}
