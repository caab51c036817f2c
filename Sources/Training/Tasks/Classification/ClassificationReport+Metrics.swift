/// Metrics over classes, as scikit-learn defines them. Classes without a sample are left out.
extension ClassificationReport {
  /// From this number of classes on, the share of samples whose class is among the five with the largest logits is counted.
  package static let fewestClassesForTopFive = 6

  /// The mean of the classes' accuracies; nil without samples.
  package var balancedAccuracy: Double? {
    let accuracies = classes.compactMap(\.accuracy)
    return accuracies.isEmpty ? nil : accuracies.reduce(0, +) / Double(accuracies.count)
  }

  /// The mean over the network's classes of F1 = 2·TP / (2·TP + FP + FN); nil without samples.
  ///
  /// A sample without a prediction is a false negative of its class.
  package var macroF1: Double? {
    let present = Dictionary(grouping: classes.filter { $0.samples > 0 }, by: \.output)
    let scores = outputs.enumerated().compactMap { column, output -> Double? in
      guard let classes = present[output] else { return nil }
      let (correct, samples) = classes.reduce((0, 0)) { ($0.0 + $1.correct, $0.1 + $1.samples) }
      return 2 * Double(correct) / Double(samples + confusion.reduce(0) { $0 + $1[column] })
    }
    return scores.isEmpty ? nil : scores.reduce(0, +) / Double(scores.count)
  }

  /// The share of samples whose class is among the five with the largest logits; nil for a network of fewer than six classes.
  package var top5Accuracy: Double? {
    topFive.flatMap { samples == 0 ? nil : Double($0) / Double(samples) }
  }
}
