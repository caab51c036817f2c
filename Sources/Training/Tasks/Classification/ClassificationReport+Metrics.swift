/// Metrics over classes, as scikit-learn defines them: over the network's classes, those of the data that a class map joins
/// being one. Classes without a sample are left out.
extension ClassificationReport {
  /// From this number of classes on, the share of samples whose class is among the five with the largest logits is counted.
  package static let fewestClassesForTopFive = 6

  /// The mean over the network's classes of the share of their samples that was recognized; nil without samples.
  package var balancedAccuracy: Double? {
    let shares = present.map { Double($0.correct) / Double($0.samples) }
    return shares.isEmpty ? nil : shares.reduce(0, +) / Double(shares.count)
  }

  /// The network's classes that have samples, with the data's classes of each together.
  private var present: [(column: Int, correct: Int, samples: Int)] {
    let groups = Dictionary(grouping: classes.filter { $0.samples > 0 }, by: \.output)
    return outputs.enumerated().compactMap { column, output in
      groups[output].map { classes in
        (column, classes.reduce(0) { $0 + $1.correct }, classes.reduce(0) { $0 + $1.samples })
      }
    }
  }

  /// The mean over the network's classes of F1 = 2·TP / (2·TP + FP + FN); nil without samples.
  ///
  /// A sample without a prediction is a false negative of its class.
  package var macroF1: Double? {
    let scores = present.map { column, correct, samples in
      2 * Double(correct) / Double(samples + confusion.reduce(0) { $0 + $1[column] })
    }
    return scores.isEmpty ? nil : scores.reduce(0, +) / Double(scores.count)
  }

  /// The share of samples whose class is among the five with the largest logits; nil for a network of fewer than six classes.
  package var top5Accuracy: Double? {
    topFive.flatMap { samples == 0 ? nil : Double($0) / Double(samples) }
  }
}
