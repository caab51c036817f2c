package import Statistics

/// A report on a classifier's predictions for a set of samples.
package struct ClassificationReport: TaskReport {
  /// The prediction for one sample.
  package typealias Prediction = ClassPrediction

  /// How the samples of one class were classified.
  package struct ClassResult: Sendable, Equatable {
    /// The data's name of the class.
    package var name: String
    /// The network's name of the class.
    package var output: String
    /// Samples of the class.
    package var samples: Int
    /// Samples of the class that were predicted correctly.
    package var correct: Int

    /// The counts of a class; the network has the same name for it unless another is given.
    package init(name: String, output: String? = nil, samples: Int, correct: Int) {
      (self.name, self.output, self.samples, self.correct) = (name, output ?? name, samples, correct)
    }

    /// The share of this class's samples that was recognized; nil without samples.
    package var accuracy: Double? { samples == 0 ? nil : Double(correct) / Double(samples) }
    /// Its 95 % interval; nil without samples.
    package var accuracyInterval: ProportionInterval? { ProportionInterval(correct, of: samples) }
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

  /// What a temperature changes.
  package struct Calibration: Sendable, Equatable, Codable {
    /// How well confidence fits.
    package struct Quality: Sendable, Equatable, Codable {
      /// Mean softmax cross-entropy in nats; nil without a prediction.
      package var loss: Double?
      /// Expected calibration error.
      package var calibrationError: Double
    }

    /// The temperature and what it was fitted on.
    package var scaling: TemperatureScaling
    /// With logits as they are.
    package var before: Quality
    /// With logits divided by the temperature.
    package var after: Quality
  }

  /// The number of samples.
  package var samples: Int
  /// The number of correct predictions.
  package var correct: Int
  /// The number of correct predictions where the largest logit is sought among the outputs of the data's classes alone.
  package var sharedCorrect: Int
  /// Samples whose class is among the five with the largest logits; nil for a network of fewer than six classes.
  package var topFive: Int?
  /// Mean softmax cross-entropy in nats over the samples with a prediction, the log loss; nil if there are none.
  package var loss: Double?
  /// Samples whose logits were not finite; they count as wrong and are in no cell of the confusion matrix.
  package var withoutPrediction: Int
  /// The results per class of the data that the network has, in the order of their labels.
  package var classes: [ClassResult]
  /// The names of the network's classes, in the order of its outputs.
  package var outputs: [String]
  /// `confusion[true class][predicted class]`: a row for each of `classes`, a column for each of `outputs`.
  package var confusion: [[Int]]
  /// Bins of confidence, from low to high.
  package var reliability: [Bin]
  /// How the data's classes were matched with the network's; nil for the classes that a network is trained on.
  package var matching: ClassMatching?
  /// The effect of temperature scaling; nil where no temperature was fitted.
  package var calibration: Calibration?

  /// The share of correct predictions; 0 without samples.
  package var accuracy: Double { samples == 0 ? 0 : Double(correct) / Double(samples) }
  /// The 95 % interval of the accuracy; nil without samples.
  package var accuracyInterval: ProportionInterval? { ProportionInterval(correct, of: samples) }
  /// The share of correct predictions among the outputs of the data's classes alone; 0 without samples.
  package var sharedAccuracy: Double { samples == 0 ? 0 : Double(sharedCorrect) / Double(samples) }
  /// Its 95 % interval; nil without samples.
  package var sharedAccuracyInterval: ProportionInterval? { ProportionInterval(sharedCorrect, of: samples) }

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

  /// The class with the lowest accuracy; the first of several.
  package var worstClass: ClassResult? {
    classes.filter { $0.samples > 0 }.min { ($0.accuracy ?? 1) < ($1.accuracy ?? 1) }
  }

  /// Expected calibration error.
  package var calibrationError: Double { reliability.calibrationError }
}
