internal import Statistics
internal import Training

/// What a classifier's predictions on a split of a dataset are worth.
public struct ClassificationEvaluation: Sendable, Equatable {
  /// What a network does on one class.
  public struct ClassResult: Sendable, Equatable {
    /// The dataset's name of the class.
    public let name: String
    /// The network's name of the class.
    public let networkName: String
    /// Samples of this class.
    public let samples: Int
    /// Samples of this class that were predicted as it.
    public let correct: Int

    /// The share of the class's samples that was recognized, 0 to 1; nil without samples.
    public var accuracy: Double? { samples == 0 ? nil : Double(correct) / Double(samples) }
    /// The 95 % interval of the accuracy by Wilson's score; nil without samples.
    public var accuracyInterval: ClosedRange<Double>? { ProportionInterval(correct, of: samples)?.range }
  }

  /// A class of the dataset that the network does not have.
  public struct LeftOutClass: Sendable, Equatable {
    /// The dataset's name of the class.
    public let name: String
    /// Samples of it in the split.
    public let samples: Int
    /// Images of the split with such a sample.
    public let images: Int
  }

  /// A temperature that logits are divided by, and what it changes (Guo et al. 2017).
  public struct Calibration: Sendable, Equatable {
    /// The temperature, fitted on the run's validation samples.
    public let temperature: Double
    /// Validation samples that it was fitted on.
    public let fittedSamples: Int
    /// Mean cross-entropy in nats without the temperature; nil without a prediction.
    public let lossBefore: Double?
    /// Mean cross-entropy in nats with it; nil without a prediction.
    public let lossAfter: Double?
    /// The expected calibration error without it, 0 to 1.
    public let calibrationErrorBefore: Double
    /// The expected calibration error with it, 0 to 1.
    public let calibrationErrorAfter: Double
  }

  /// What a network predicts for one sample.
  public struct Prediction: Sendable, Equatable {
    /// The sample's index in the dataset.
    public let sample: Int
    /// The index of its image.
    public let image: Int
    /// The file that the image came from; nil where the dataset does not say.
    public let file: String?
    /// The dataset's name of its class.
    public let label: String
    /// The network's name of the class that it predicts; nil where its logits are not finite.
    public let predicted: String?
    /// The softmax probability of that class, 0 to 1; nil where the logits are not finite.
    public let probability: Double?
    /// Whether the predicted class is the sample's own.
    public let isCorrect: Bool
  }

  /// How much worse the network does here than on the same classes of its own dataset.
  public enum Drop: Sendable, Equatable {
    /// Accuracy on the source minus that here, in percentage points.
    case points(Double)
    /// Why the two do not compare.
    case none(reason: String)
  }

  /// The dataset's name.
  public let name: String
  /// The dataset file.
  public let path: String
  /// The part of the dataset.
  public let split: LabeledDataset.Split
  /// What the network does worse here than on its own dataset.
  public let drop: Drop
  /// Every sample's prediction, in the order of samples.
  public let predictions: [Prediction]
  /// The evaluation as aligned tables for a terminal.
  public let text: String
  private let report: ClassificationReport

  init(_ domain: DomainEvaluation<ClassificationReport>, split: LabeledDataset.Split) {
    (name, path, self.split, report, text) = (domain.name, domain.path, split, domain.report, domain.text)
    drop =
      switch domain.drop {
      case .points(let points): .points(points)
      case .none(let reason): .none(reason: reason)
      }
    predictions = domain.predictions.map {
      Prediction(
        sample: $0.sample, image: $0.image, file: $0.file, label: $0.label, predicted: $0.predicted,
        probability: $0.probability,
        isCorrect: $0.isCorrect)
    }
  }

  /// Samples of the split.
  public var samples: Int { report.samples }
  /// Samples that were recognized.
  public var correct: Int { report.correct }
  /// The share of samples that was recognized, 0 to 1.
  public var accuracy: Double { report.accuracy }
  /// The mean over the classes of the share that was recognized, 0 to 1; nil without samples.
  public var balancedAccuracy: Double? { report.balancedAccuracy }
  /// The mean over the classes of F1, 0 to 1; nil without samples.
  public var macroF1: Double? { report.macroF1 }
  /// The share of samples whose class is among the five with the largest logits; nil for fewer than six classes.
  public var top5Accuracy: Double? { report.top5Accuracy }
  /// The 95 % interval of the accuracy by Wilson's score; nil without samples.
  public var accuracyInterval: ClosedRange<Double>? { report.accuracyInterval?.range }
  /// The share of samples that was recognized, where predictions are sought among the classes of the dataset alone.
  public var sharedAccuracy: Double { report.sharedAccuracy }
  /// The 95 % interval of ``sharedAccuracy`` by Wilson's score; nil without samples.
  public var sharedAccuracyInterval: ClosedRange<Double>? { report.sharedAccuracyInterval?.range }
  /// Classes of the dataset that are not evaluated, as the network does not have them.
  public var leftOutClasses: [LeftOutClass] {
    (report.matching?.leftOut ?? []).map { LeftOutClass(name: $0.name, samples: $0.samples, images: $0.images) }
  }
  /// Classes of the network that the dataset does not have.
  public var absentClasses: [String] { report.matching?.absent ?? [] }
  /// The effect of a temperature; nil unless one was asked for.
  public var calibration: Calibration? { report.calibration.map { Calibration($0) } }
  /// The log loss: mean softmax cross-entropy in nats over the samples with a prediction; nil if there are none.
  public var loss: Double? { report.loss }
  /// Samples whose logits are not finite; they count as wrong and are in no cell of ``confusion``.
  public var withoutPrediction: Int { report.withoutPrediction }
  /// The expected calibration error over 15 bins of confidence, 0 to 1 (Guo et al. 2017).
  public var calibrationError: Double { report.calibrationError }
  /// The classes of the dataset that the network has, in the dataset's order.
  public var classes: [ClassResult] { report.classes.map { ClassResult($0) } }
  /// The names of the network's classes, in the order of its outputs.
  public var outputs: [String] { report.outputs }
  /// Samples by true class and predicted class, `[classes, outputs]`.
  public var confusion: [[Int]] { report.confusion }
  /// The class with the lowest accuracy, the first of several; nil without samples.
  public var worstClass: ClassResult? { report.worstClass.map { ClassResult($0) } }
}

extension ClassificationEvaluation.ClassResult {
  fileprivate init(_ result: ClassificationReport.ClassResult) {
    (name, networkName, samples, correct) = (result.name, result.output, result.samples, result.correct)
  }
}

extension ClassificationEvaluation.Calibration {
  fileprivate init(_ calibration: ClassificationReport.Calibration) {
    (temperature, fittedSamples) = (calibration.scaling.temperature, calibration.scaling.samples)
    (lossBefore, lossAfter) = (calibration.before.loss, calibration.after.loss)
    calibrationErrorBefore = calibration.before.calibrationError
    calibrationErrorAfter = calibration.after.calibrationError
  }
}

extension ProportionInterval {
  /// Both ends.
  fileprivate var range: ClosedRange<Double> { lower...upper }
}
