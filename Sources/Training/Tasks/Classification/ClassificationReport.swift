/// A report on a classifier's predictions for a set of samples.
package struct ClassificationReport: TaskReport {
  /// The prediction for one sample.
  package typealias Prediction = ClassPrediction

  /// How the samples of one class were classified.
  package struct ClassResult: Sendable, Equatable, Codable {
    /// The class name.
    package var name: String
    /// Samples of the class.
    package var samples: Int
    /// Samples of the class that were predicted correctly.
    package var correct: Int
    /// The share of this class's samples that was recognized; nil without samples.
    package private(set) var accuracy: Double?

    /// The counts of a class.
    package init(name: String, samples: Int, correct: Int) {
      (self.name, self.samples, self.correct) = (name, samples, correct)
      accuracy = samples == 0 ? nil : Double(correct) / Double(samples)
    }
  }

  /// Predictions of similar confidence.
  package struct Bin: Sendable, Equatable, Codable {
    /// The greatest confidence that belongs here.
    package var upTo: Double
    /// Samples in the bin.
    package var samples: Int
    /// The share of correct predictions; nil without samples.
    package var accuracy: Double?
    /// Mean confidence.
    package var confidence: Double?
  }

  /// The number of samples.
  package var samples: Int
  /// The number of correct predictions.
  package var correct: Int
  /// Samples whose class is among the five with the largest logits; nil for fewer than six classes.
  package var topFive: Int?
  /// Mean softmax cross-entropy in nats over the samples with a prediction, the log loss; nil if there are none.
  package var loss: Double?
  /// Samples whose logits were not finite; they count as wrong and are in no cell of the confusion matrix.
  package var withoutPrediction: Int
  /// The results per class, in the order of the network's outputs.
  package var classes: [ClassResult]
  /// `confusion[true class][predicted class]`.
  package var confusion: [[Int]]
  /// Bins of confidence, from low to high.
  package var reliability: [Bin]

  /// The share of correct predictions; 0 without samples.
  package var accuracy: Double { samples == 0 ? 0 : Double(correct) / Double(samples) }

  /// Accuracy, loss and the means over classes, by their names; those that the samples do not define are left out.
  package var metrics: [String: Double] {
    var metrics = ["accuracy": accuracy]
    metrics["loss"] = loss
    metrics["balancedAccuracy"] = balancedAccuracy
    metrics["macroF1"] = macroF1
    metrics["top5Accuracy"] = top5Accuracy
    return metrics
  }

  /// Whether any prediction was finite.
  package var hasPredictions: Bool { loss != nil }

  /// Standard error of the accuracy as a binomial proportion.
  package var accuracyError: Double {
    samples == 0 ? 0 : (accuracy * (1 - accuracy) / Double(samples)).squareRoot()
  }

  /// The class with the lowest accuracy; the first of several.
  package var worstClass: ClassResult? {
    classes.filter { $0.samples > 0 }.min { ($0.accuracy ?? 1) < ($1.accuracy ?? 1) }
  }

  /// Expected calibration error.
  package var calibrationError: Double { reliability.calibrationError }
}

extension ClassificationReport {
  private enum CodingKeys: String, CodingKey {
    case samples, correct, loss, withoutPrediction, classes, confusion, reliability
    case accuracy, balancedAccuracy, macroF1, topFive, top5Accuracy, worstClass, calibrationError
  }

  /// Decodes the counts; what follows from them is computed again.
  package init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    samples = try container.decode(Int.self, forKey: .samples)
    correct = try container.decode(Int.self, forKey: .correct)
    topFive = try container.decodeIfPresent(Int.self, forKey: .topFive)
    loss = try container.decodeIfPresent(Double.self, forKey: .loss)
    withoutPrediction = try container.decode(Int.self, forKey: .withoutPrediction)
    classes = try container.decode([ClassResult].self, forKey: .classes)
    confusion = try container.decode([[Int]].self, forKey: .confusion)
    reliability = try container.decode([Bin].self, forKey: .reliability)
  }

  /// Encodes the counts and what follows from them, for readers of the JSON.
  package func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(samples, forKey: .samples)
    try container.encode(correct, forKey: .correct)
    try container.encode(accuracy, forKey: .accuracy)
    try container.encodeIfPresent(balancedAccuracy, forKey: .balancedAccuracy)
    try container.encodeIfPresent(macroF1, forKey: .macroF1)
    try container.encodeIfPresent(topFive, forKey: .topFive)
    try container.encodeIfPresent(top5Accuracy, forKey: .top5Accuracy)
    try container.encode(loss, forKey: .loss)
    try container.encode(calibrationError, forKey: .calibrationError)
    try container.encode(worstClass?.name, forKey: .worstClass)
    try container.encode(withoutPrediction, forKey: .withoutPrediction)
    try container.encode(classes, forKey: .classes)
    try container.encode(confusion, forKey: .confusion)
    try container.encode(reliability, forKey: .reliability)
  }
}
