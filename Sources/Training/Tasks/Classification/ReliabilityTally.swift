/// Adds up predictions by their confidence, in bins (k/n, (k+1)/n] of equal width.
package struct ReliabilityTally: Sendable {
  private var sums: [(samples: Int, correct: Int, confidence: Double)]

  /// An empty tally of so many bins.
  package init(bins: Int) { sums = Array(repeating: (0, 0, 0), count: bins) }

  /// - Parameter confidence: above 0, at most 1.
  package mutating func add(confidence: Double, isCorrect: Bool) {
    let place = Int((confidence * Double(sums.count)).rounded(.up)) - 1
    let bin = min(max(place, 0), sums.count - 1)
    sums[bin].samples += 1
    sums[bin].correct += isCorrect ? 1 : 0
    sums[bin].confidence += confidence
  }

  /// The bins, from low to high confidence.
  package var bins: [ClassificationReport.Bin] {
    sums.enumerated().map { index, bin in
      ClassificationReport.Bin(
        upTo: Double(index + 1) / Double(sums.count), samples: bin.samples,
        accuracy: bin.samples == 0 ? nil : Double(bin.correct) / Double(bin.samples),
        confidence: bin.samples == 0 ? nil : bin.confidence / Double(bin.samples))
    }
  }
}

extension [ClassificationReport.Bin] {
  /// Expected calibration error: Σ (samples of a bin / all) · |accuracy − mean confidence| (Guo et al. 2017).
  package var calibrationError: Double {
    let judged = reduce(0) { $0 + $1.samples }
    return reduce(0) { sum, bin in
      guard let accuracy = bin.accuracy, let confidence = bin.confidence else { return sum }
      return sum + Double(bin.samples) / Double(judged) * abs(accuracy - confidence)
    }
  }
}
