package import Tensors

#if canImport(Glibc)
  internal import Glibc
#endif

/// Adds up predictions batch by batch into an `ClassificationReport`.
package struct ClassificationTally: TaskTally {
  /// The number of equal-width confidence bins for the calibration error.
  package static let binCount = 15

  /// The classes of the data, with the network's output for each.
  private let classes: [(name: String, output: Int)]
  /// The names of the network's classes.
  private let outputs: [String]
  /// The outputs of the data's classes.
  private let shared: [Int]
  private var confusion: [[Int]]
  private var confidence = ConfidenceTally(temperature: 1)
  private var scaled: (scaling: TemperatureScaling, tally: ConfidenceTally)?
  private var sharedCorrect = 0
  private var topFive = 0
  private var notFinite: [Int]
  /// The predicted class of each sample added, with the shares that the softmax gives it and the sample's own class; nil where
  /// logits are not finite.
  package private(set) var predictions: [(output: Int, confidence: Double, ofLabel: Double)?] = []

  /// - Parameter classNames: the names of the classes that the network predicts, in the order of its outputs.
  package init(classNames: [String]) {
    self.init(classes: classNames.enumerated().map { ($1, $0) }, outputs: classNames)
  }

  /// - Parameters:
  ///   - classes: the classes of the data, which labels count, with the network's output for each.
  ///   - outputs: the names of the classes that the network predicts, in the order of its outputs.
  ///   - scaling: a temperature whose effect on loss and calibration is counted too.
  package init(classes: [(name: String, output: Int)], outputs: [String], scaling: TemperatureScaling? = nil) {
    (self.classes, self.outputs) = (classes, outputs)
    shared = Set(classes.map(\.output)).sorted()
    confusion = [[Int]](repeating: [Int](repeating: 0, count: outputs.count), count: classes.count)
    notFinite = classes.map { _ in 0 }
    scaled = scaling.map { ($0, ConfidenceTally(temperature: $0.temperature)) }
  }

  /// Adds a batch of logits `[N, outputs]` with labels that count the data's classes.
  package mutating func add(logits: Tensor, labels: [Int]) {
    precondition(
      logits.shape == [labels.count, outputs.count],
      "ClassificationTally: logits \(logits.shape) for \(labels.count) labels of \(outputs.count) classes")
    let values = logits.values
    for (row, label) in labels.enumerated() {
      add(values[row * outputs.count..<(row + 1) * outputs.count], label: label)
    }
  }

  private mutating func add(_ logits: ArraySlice<Float>, label: Int) {
    precondition(classes.indices.contains(label), "ClassificationTally: no class \(label) of \(classes.count)")
    guard logits.allSatisfy(\.isFinite), let largest = logits.max(), let winner = logits.firstIndex(of: largest) else {
      notFinite[label] += 1
      predictions.append(nil)
      return
    }
    let (predicted, target) = (winner - logits.startIndex, classes[label].output)
    let found = confidence.add(logits, largest: largest, target: target, isCorrect: predicted == target)
    scaled?.tally.add(logits, largest: largest, target: target, isCorrect: predicted == target)
    predictions.append((predicted, found.confidence, found.ofTarget))
    let own = logits[logits.startIndex + target]
    // Of equal logits the first counts, as for the predicted class.
    let before = logits.enumerated().count { index, logit in logit > own || logit == own && index < target }
    topFive += before < 5 ? 1 : 0
    confusion[label][predicted] += 1
    // Of equal logits the first wins, as above.
    var best = shared[0]
    for output in shared where logits[logits.startIndex + output] > logits[logits.startIndex + best] { best = output }
    if best == target { sharedCorrect += 1 }
  }

  /// The softmax's numerator for a logit, with the largest logit subtracted.
  static func weight(of logit: Float, largest: Float, temperature: Double) -> Double {
    exp((Double(logit) - Double(largest)) / temperature)
  }

  /// The softmax's denominator.
  static func sum(of logits: ArraySlice<Float>, largest: Float, temperature: Double) -> Double {
    logits.reduce(0.0) { $0 + weight(of: $1, largest: largest, temperature: temperature) }
  }

  /// The report on everything added so far.
  package var report: ClassificationReport {
    let perClass = classes.indices.map { index in
      ClassificationReport.ClassResult(
        name: classes[index].name, output: outputs[classes[index].output],
        samples: confusion[index].reduce(0, +) + notFinite[index],
        correct: confusion[index][classes[index].output])
    }
    let calibration = scaled.map { scaling, tally in
      ClassificationReport.Calibration(
        scaling: scaling, before: confidence.quality, after: tally.quality)
    }
    return ClassificationReport(
      samples: perClass.reduce(0) { $0 + $1.samples }, correct: perClass.reduce(0) { $0 + $1.correct },
      sharedCorrect: sharedCorrect,
      topFive: outputs.count < ClassificationReport.fewestClassesForTopFive ? nil : topFive, loss: confidence.loss,
      withoutPrediction: notFinite.reduce(0, +),
      classes: perClass, outputs: outputs, confusion: confusion, reliability: confidence.reliability.bins,
      calibration: calibration)
  }
}

/// Adds up loss and confidence of predictions whose logits are divided by a temperature.
private struct ConfidenceTally {
  let temperature: Double
  private(set) var reliability = ReliabilityTally(bins: ClassificationTally.binCount)
  private var sum = 0.0
  private var count = 0

  init(temperature: Double) { self.temperature = temperature }

  /// Adds a sample with finite logits and returns the softmax's shares for the largest and for the target.
  @discardableResult
  mutating func add(
    _ logits: ArraySlice<Float>, largest: Float, target: Int, isCorrect: Bool
  ) -> (confidence: Double, ofTarget: Double) {
    let total = ClassificationTally.sum(of: logits, largest: largest, temperature: temperature)
    let confidence = 1 / total
    sum += log(total) - (Double(logits[logits.startIndex + target]) - Double(largest)) / temperature
    reliability.add(confidence: confidence, isCorrect: isCorrect)
    count += 1
    let own = ClassificationTally.weight(
      of: logits[logits.startIndex + target], largest: largest, temperature: temperature)
    return (confidence, own / total)
  }

  /// Mean cross-entropy in nats; nil without samples.
  var loss: Double? { count == 0 ? nil : sum / Double(count) }

  var quality: ClassificationReport.Calibration.Quality {
    .init(loss: loss, calibrationError: reliability.bins.calibrationError)
  }
}
