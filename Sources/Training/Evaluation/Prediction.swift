/// What a network makes of one sample of a dataset.
package struct Prediction: Sendable, Equatable {
  /// The dataset's indices of the sample and of its image.
  package var sample: Int
  package var image: Int
  /// The dataset's name of the sample's class.
  package var label: String
  /// The network's name of the class that it predicts, and the share that the softmax gives it; nil where the logits are
  /// not finite.
  package var predicted: String?
  package var probability: Double?
  /// Whether the predicted class is the sample's own, by name or, where the names differ, by position.
  package var isCorrect: Bool

  package init(sample: Int, image: Int, label: String, predicted: String?, probability: Double?, isCorrect: Bool) {
    (self.sample, self.image, self.label, self.predicted) = (sample, image, label, predicted)
    (self.probability, self.isCorrect) = (probability, isCorrect)
  }
}

extension RunEvaluation {
  /// All predictions as CSV: `dataset,sample,image,label,predicted,probability,correct`, a line a sample; a sample without
  /// a prediction has two empty fields.
  package var predictionsText: String {
    var text = "dataset,sample,image,label,predicted,probability,correct\n"
    for domain in domains {
      for prediction in domain.predictions {
        let probability = prediction.probability.map { "\(Float($0))" } ?? ""
        text += "\(Self.field(domain.name)),\(prediction.sample),\(prediction.image),"
        text += "\(Self.field(prediction.label)),\(Self.field(prediction.predicted ?? "")),\(probability),"
        text += prediction.isCorrect ? "1\n" : "0\n"
      }
    }
    return text
  }

  /// In quotation marks where it must be (RFC 4180).
  private static func field(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { [",", "\"", "\n", "\r"].contains($0) }) else { return text }
    return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }
}
