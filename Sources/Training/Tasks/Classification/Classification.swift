package import Autodiff
package import Datasets
internal import Kernels
package import Networks
internal import Tensors

/// Softmax classification of images or regions, one class each; cross-entropy in nats, selected by accuracy.
package struct Classification: TrainingTask {
  package static let name = "classification"
  package static let metrics = [
    Metric("accuracy", .share, .highest, worst: 0), Metric("loss", .number, .lowest, worst: .infinity),
  ]
  package static let counts = ["correct"]

  /// Names of the network's classes, in the order of its outputs.
  package let classNames: [String]
  private var correspondence: ClassCorrespondence

  /// The classification of samples whose labels are places in `classNames`.
  package init(classNames: [String]) {
    self.classNames = classNames
    correspondence = .byName(outputs: Array(classNames.indices))
  }

  package init(_ configuration: Configuration, classNames: [String]) { self.init(classNames: classNames) }

  package var outputs: Int { classNames.count }

  package func applied(to dataset: Dataset) throws(TrainingError) -> Classification {
    guard let correspondence = ClassCorrespondence(of: dataset.classNames, to: classNames) else {
      throw TrainingError(
        "\(dataset.path): its \(dataset.classNames.count) classes are not among the \(classNames.count) that the "
          + "network predicts (\(classNames.joined(separator: ", "))); fine-tune the network on it first")
    }
    var result = self
    result.correspondence = correspondence
    return result
  }

  package var incomparability: String? {
    correspondence == .byPosition ? "its classes are named differently from the source's" : nil
  }

  /// The network's output for the class of each sample.
  package func targets(of batch: Batch, in dataset: Dataset) -> [Int] {
    batch.samples.map { output(for: $0, in: dataset) }
  }

  private func output(for sample: Int, in dataset: Dataset) -> Int {
    correspondence.output(for: dataset.label(of: sample))
  }

  package func loss(of batch: TaskBatch<Self>, through network: Network, on tape: Tape) -> TaskLoss {
    let logits = network.forward(batch.input, on: tape).logits
    let loss = tape.softmaxCrossEntropy(logits, labels: batch.targets)
    return TaskLoss(loss, counts: ["correct": Double(CrossEntropy.correct(logits.value, labels: batch.targets))])
  }

  package func trainingMetrics(counts: [String: Double], samples: Int) -> [String: Double] {
    ["accuracy": counts["correct", default: 0] / Double(samples)]
  }

  package var emptyTally: ClassificationTally { ClassificationTally(classNames: classNames) }

  package func evaluate(
    _ batch: TaskBatch<Self>, through network: Network, on tape: Tape, into tally: inout ClassificationTally
  ) {
    tally.add(logits: network.forward(batch.input, on: tape).logits.value, labels: batch.targets)
  }

  package func predictions(in tally: ClassificationTally, samples: [Int], of dataset: Dataset) -> [ClassPrediction] {
    zip(samples, tally.predictions).map { sample, prediction in
      ClassPrediction(
        sample: sample, image: dataset.imageIndex(of: sample), label: dataset.classNames[dataset.label(of: sample)],
        predicted: prediction.map { classNames[$0.output] }, probability: prediction?.confidence,
        isCorrect: prediction?.output == output(for: sample, in: dataset))
    }
  }
}
