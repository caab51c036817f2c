/// The predicted class of one sample.
package struct ClassPrediction: TaskPrediction {
  /// The dataset's indices of the sample and of its image.
  package var sample: Int
  /// The dataset's index of the sample's image.
  package var image: Int
  /// The file that the image came from; nil where the dataset does not say.
  package var file: String?
  /// The dataset's name of the sample's class.
  package var label: String
  /// The network's name of the class that it predicts, and the share that the softmax gives it; nil where the logits are
  /// not finite.
  package var predicted: String?
  /// The softmax probability of the predicted class; nil if the logits are not finite.
  package var probability: Double?
  /// The softmax probability of the sample's own class; nil if the logits are not finite. Not part of the table.
  package var labelProbability: Double?
  /// Whether the predicted class is the sample's own, by name or, where the names differ, by position.
  package var isCorrect: Bool

  /// The prediction for a sample.
  package init(
    sample: Int, image: Int, file: String? = nil, label: String, predicted: String?, probability: Double?,
    labelProbability: Double? = nil, isCorrect: Bool
  ) {
    (self.sample, self.image, self.file, self.label, self.predicted) = (sample, image, file, label, predicted)
    (self.probability, self.labelProbability, self.isCorrect) = (probability, labelProbability, isCorrect)
  }

  /// The header of the CSV table.
  package static let columns = ["sample", "image", "file", "label", "predicted", "probability", "correct"]

  /// A sample without a prediction has two empty fields.
  package var fields: [String] {
    [
      "\(sample)", "\(image)", file ?? "", label, predicted ?? "", probability.map { "\(Float($0))" } ?? "",
      isCorrect ? "1" : "0",
    ]
  }
}
