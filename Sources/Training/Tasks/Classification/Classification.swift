package import Autodiff
package import Datasets
internal import Kernels
package import Networks
internal import Tensors

/// Softmax classification of images or regions into one class each: cross-entropy in nats, selected by accuracy by default.
package struct Classification: TrainingTask {
  /// The task's name in files and messages.
  package static let name = "classification"
  /// Accuracy, which selects by default, the cross-entropy loss in nats, and the means over classes.
  package static let metrics = [
    Metric("accuracy", .share, .highest, worst: 0), Metric("loss", .number, .lowest, worst: .infinity),
    Metric("balancedAccuracy", .share, .highest, worst: 0), Metric("macroF1", .share, .highest, worst: 0),
  ]
  /// The count of correct predictions on training samples.
  package static let counts = ["correct"]

  /// Names of the network's classes, in the order of its outputs.
  package let classNames: [String]
  private var correspondence: ClassCorrespondence
  /// The training loss; nil for plain cross-entropy.
  private var softLoss: SoftLoss?

  /// The classification of samples whose labels are places in `classNames`.
  package init(classNames: [String]) {
    self.classNames = classNames
    correspondence = .byName(outputs: Array(classNames.indices))
  }

  /// The classification of a dataset's classes; the configuration adds nothing.
  package init(_ configuration: Configuration, classNames: [String]) { self.init(classNames: classNames) }

  /// One logit per class.
  package var outputs: Int { classNames.count }

  /// The classification of a dataset's samples, whose classes correspond by name, else by position.
  ///
  /// - Throws: `TrainingError` if some class of the dataset corresponds to no output.
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

  /// Why accuracies do not compare: the classes correspond by position only.
  package var incomparability: String? {
    correspondence == .byPosition ? "its classes are named differently from the source's" : nil
  }

  /// The task with the configuration's class weights and label smoothing.
  ///
  /// - Throws: `TrainingError` where the weights do not name the dataset's classes.
  package func prepared(
    for configuration: Configuration, training samples: [Int], of dataset: Dataset
  ) throws(TrainingError) -> Classification {
    var result = self
    result.softLoss = try SoftLoss(
      configuration, labels: samples.map(dataset.label(of:)), classNames: dataset.classNames)
    return result
  }

  /// The network's output for the class of each sample.
  package func targets(of batch: Batch, in dataset: Dataset) -> [Int] {
    batch.samples.map { output(for: $0, in: dataset) }
  }

  private func output(for sample: Int, in dataset: Dataset) -> Int {
    correspondence.output(for: dataset.label(of: sample))
  }

  /// The number of samples, or the total weight of their classes.
  package func weight(of batch: TaskBatch<Self>) -> Double {
    softLoss?.weight(of: batch.targets, mixing: batch.input.mixing) ?? Double(batch.input.samples.count)
  }

  /// The mean softmax cross-entropy over a batch's samples, with the number of correct predictions.
  ///
  /// A prediction for a mixed image counts by the shares of both labels.
  package func loss(of batch: TaskBatch<Self>, through network: Network, on tape: Tape) -> TaskLoss {
    let logits = network.forward(batch.input, on: tape).logits
    let mixing = batch.input.mixing
    let loss =
      softLoss.map { tape.softmaxCrossEntropy(logits, targets: $0.targets(of: batch.targets, mixing: mixing)) }
      ?? tape.softmaxCrossEntropy(logits, labels: batch.targets)
    var correct = Double(CrossEntropy.correct(logits.value, labels: batch.targets))
    if let mixing {
      let other = Double(CrossEntropy.correct(logits.value, labels: mixing.labels))
      correct = Double(mixing.share) * correct + (1 - Double(mixing.share)) * other
    }
    return TaskLoss(loss, counts: ["correct": correct])
  }

  /// The accuracy on training samples.
  package func trainingMetrics(counts: [String: Double], samples: Int) -> [String: Double] {
    ["accuracy": counts["correct", default: 0] / Double(samples)]
  }

  /// A tally without predictions.
  package var emptyTally: ClassificationTally { ClassificationTally(classNames: classNames) }

  /// Runs the network on a batch and adds its predictions to a tally.
  package func evaluate(
    _ batch: TaskBatch<Self>, through network: Network, on tape: Tape, into tally: inout ClassificationTally
  ) {
    tally.add(logits: network.forward(batch.input, on: tape).logits.value, labels: batch.targets)
  }

  /// One prediction per sample, in the order in which they were added to the tally.
  package func predictions(in tally: ClassificationTally, samples: [Int], of dataset: Dataset) -> [ClassPrediction] {
    zip(samples, tally.predictions).map { sample, prediction in
      ClassPrediction(
        sample: sample, image: dataset.imageIndex(of: sample), label: dataset.classNames[dataset.label(of: sample)],
        predicted: prediction.map { classNames[$0.output] }, probability: prediction?.confidence,
        isCorrect: prediction?.output == output(for: sample, in: dataset))
    }
  }
}
