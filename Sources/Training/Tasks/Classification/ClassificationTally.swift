package import Tensors

#if canImport(Glibc)
  internal import Glibc
#endif

/// Adds up predictions batch by batch into an `ClassificationReport`.
package struct ClassificationTally: TaskTally {
  /// The number of equal-width confidence bins for the calibration error.
  package static let binCount = 15

  private let classNames: [String]
  private var confusion: [[Int]]
  private var reliability = ReliabilityTally(bins: binCount)
  private var loss = 0.0
  private var judged = 0
  private var topFive = 0
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
      "ClassificationTally: logits \(logits.shape) for \(labels.count) labels of \(classNames.count) classes")
    let values = logits.values
    for (row, label) in labels.enumerated() {
      add(values[row * classNames.count..<(row + 1) * classNames.count], label: label)
    }
  }

  private mutating func add(_ logits: ArraySlice<Float>, label: Int) {
    precondition(classNames.indices.contains(label), "ClassificationTally: no class \(label) of \(classNames.count)")
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
    let own = logits[logits.startIndex + label]
    // Of equal logits the first counts, as for the predicted class.
    let before = logits.enumerated().count { index, logit in logit > own || logit == own && index < label }
    topFive += before < 5 ? 1 : 0
    confusion[label][predicted] += 1
    reliability.add(confidence: confidence, isCorrect: predicted == label)
    judged += 1
  }

  /// The report on everything added so far.
  package var report: ClassificationReport {
    let perClass = classNames.indices.map { index in
      let samples = confusion[index].reduce(0, +) + notFinite[index]
      return ClassificationReport.ClassResult(
        name: classNames[index], samples: samples, correct: confusion[index][index])
    }
    return ClassificationReport(
      samples: perClass.reduce(0) { $0 + $1.samples }, correct: perClass.reduce(0) { $0 + $1.correct },
      topFive: classNames.count < ClassificationReport.fewestClassesForTopFive ? nil : topFive,
      loss: judged == 0 ? nil : loss / Double(judged), withoutPrediction: notFinite.reduce(0, +),
      classes: perClass, confusion: confusion, reliability: reliability.bins)
  }
}
