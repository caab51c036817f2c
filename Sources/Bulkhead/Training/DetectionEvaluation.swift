internal import Statistics
internal import Tensors
internal import Training

/// What a detector finds on a split of a dataset, and how well.
public struct DetectionEvaluation: Sendable, Equatable {
  /// What a detector finds of one class.
  public struct ClassResult: Sendable, Equatable {
    /// The network's name of the class.
    public let name: String
    /// Objects to find; difficult ones, crowds and ignored regions do not count.
    public let objects: Int
    /// Detections that count.
    public let detections: Int
    /// Pascal VOC's average precision over all points at an overlap of 0.5, 0 to 1; nil without objects.
    public let averagePrecision: Double?
    /// Pascal VOC's average precision of eleven points at an overlap of 0.5, 0 to 1; nil without objects.
    public let elevenPoints: Double?
    /// COCO's average precision over overlaps of 0.5 to 0.95, 0 to 1; nil without objects.
    public let cocoAP: Double?
    /// The share of objects found at an overlap of 0.5, by the detections from the highest score down to each.
    public let recalls: [Double]
    /// The share of right detections, from the highest score down to each.
    public let precisions: [Double]
    /// The scores of these detections, falling.
    public let scores: [Double]
  }

  /// A detection.
  public struct Detection: Sendable, Equatable {
    /// The dataset's index of the image.
    public let image: Int
    /// The file that the image came from; nil where the dataset does not say.
    public let file: String?
    /// The class.
    public let name: String
    /// The softmax probability of the class, 0 to 1.
    public let score: Float
    /// Where it is, in pixels of the image.
    public let region: ImagePrediction.Region
  }

  /// The dataset's name.
  public let name: String
  /// The dataset file.
  public let path: String
  /// The part of the dataset.
  public let split: LabeledDataset.Split
  /// The number of images.
  public let images: Int
  /// Images for which the network gave a number that is not finite; nothing is found in them.
  public let withoutPrediction: Int
  /// The classes that are judged.
  public let classes: [ClassResult]
  /// The mean over the classes with objects of ``ClassResult/averagePrecision``, 0 to 1; nil without objects.
  public let mAP: Double?
  /// The mean over the classes with objects of ``ClassResult/elevenPoints``, 0 to 1; nil without objects.
  public let mAP11: Double?
  /// COCO's numbers by their names, 0 to 1: `AP`, `AP50`, `AP75`, `APs`, `APm`, `APl`, `AR1`, `AR10`, `AR100`, `ARs`, `ARm`
  /// and `ARl`; those without objects are left out.
  public let coco: [String: Double]
  /// Every detection, image by image.
  public let detections: [Detection]
  /// The evaluation as aligned tables for a terminal.
  public let text: String

  init(_ domain: DomainEvaluation<DetectionReport>, split: LabeledDataset.Split) {
    let report = domain.report
    (name, path, self.split, text) = (domain.name, domain.path, split, domain.text)
    (images, withoutPrediction) = (report.images, report.withoutPrediction)
    (mAP, mAP11, coco) = (report.mAP, report.mAP11, report.coco)
    classes = report.classes.map {
      ClassResult(
        name: $0.name, objects: $0.objects, detections: $0.detections, averagePrecision: $0.averagePrecision,
        elevenPoints: $0.elevenPoints, cocoAP: $0.cocoAP, recalls: $0.curve.recalls, precisions: $0.curve.precisions,
        scores: $0.curve.scores)
    }
    detections = domain.predictions.map {
      Detection(
        image: $0.image, file: $0.file, name: $0.name, score: $0.score,
        region: .init(x1: $0.box.x1, y1: $0.box.y1, x2: $0.box.x2, y2: $0.box.y2))
    }
  }
}
