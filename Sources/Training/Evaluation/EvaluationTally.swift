package import Tensors

#if canImport(Glibc)
  internal import Glibc
#endif

/// Adds up predictions batch by batch into an `EvaluationReport`.
package struct EvaluationTally: Sendable {
  /// Equal-width bins of confidence for the calibration error.
  package static let binCount = 15

  private let classNames: [String]
  private var confusion: [[Int]]
  private var bins = [(count: Int, correct: Int, confidence: Double)](repeating: (0, 0, 0), count: binCount)
  private var loss = 0.0
  private var notFinite = [Int]()
  /// The predicted class of each sample added, with the share that the softmax gives it; nil where logits are not finite.
  package private(set) var predictions: [(output: Int, confidence: Double)?] = []

  /// - Parameter classNames: the names of the classes that the network predicts, in the order of its outputs.
  package init(classNames: [String]) {
    self.classNames = classNames
    confusion = [[Int]](repeating: [Int](repeating: 0, count: classNames.count), count: classNames.count)
    notFinite = [Int](repeating: 0, count: classNames.count)
  }

  /// Adds a batch of logits `[N, classes]` with its labels.
  package mutating func add(logits: Tensor, labels: [Int]) {
    precondition(
      logits.shape == [labels.count, classNames.count],
      "EvaluationTally: logits \(logits.shape) for \(labels.count) labels of \(classNames.count) classes")
    let values = logits.values
    for (row, label) in labels.enumerated() {
      add(values[row * classNames.count..<(row + 1) * classNames.count], label: label)
    }
  }

  private mutating func add(_ logits: ArraySlice<Float>, label: Int) {
    precondition(classNames.indices.contains(label), "EvaluationTally: label \(label) of \(classNames.count) classes")
    guard logits.allSatisfy(\.isFinite), let largest = logits.max(), let winner = logits.firstIndex(of: largest) else {
      notFinite[label] += 1
      predictions.append(nil)
      return
    }
    let predicted = winner - logits.startIndex
    let total = logits.reduce(0.0) { $0 + exp(Double($1) - Double(largest)) }
    let confidence = 1 / total
    predictions.append((predicted, confidence))
    loss += log(total) - (Double(logits[logits.startIndex + label]) - Double(largest))
    confusion[label][predicted] += 1
    // Bins are (k/15, (k+1)/15]; a confidence is never 0.
    let bin = min(max(Int((confidence * Double(Self.binCount)).rounded(.up)) - 1, 0), Self.binCount - 1)
    bins[bin].count += 1
    bins[bin].correct += predicted == label ? 1 : 0
    bins[bin].confidence += confidence
  }

  /// The report on everything added so far.
  package var report: EvaluationReport {
    let perClass = classNames.indices.map { index in
      let samples = confusion[index].reduce(0, +) + notFinite[index]
      return EvaluationReport.ClassResult(
        name: classNames[index], samples: samples, correct: confusion[index][index])
    }
    let judged = bins.reduce(0) { $0 + $1.count }
    let reliability = bins.enumerated().map { index, bin in
      EvaluationReport.Bin(
        upTo: Double(index + 1) / Double(Self.binCount), samples: bin.count,
        accuracy: bin.count == 0 ? nil : Double(bin.correct) / Double(bin.count),
        confidence: bin.count == 0 ? nil : bin.confidence / Double(bin.count))
    }
    return EvaluationReport(
      samples: perClass.reduce(0) { $0 + $1.samples }, correct: perClass.reduce(0) { $0 + $1.correct },
      loss: judged == 0 ? nil : loss / Double(judged), withoutPrediction: notFinite.reduce(0, +),
      classes: perClass, confusion: confusion, reliability: reliability)
  }
}
