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
  /// Names of the dataset's classes, in the order of its labels.
  private var dataClassNames: [String]
  private var correspondence: ClassCorrespondence
  /// The training loss; nil for plain cross-entropy.
  private var softLoss: SoftLoss?
  /// The outputs whose classes are judged, in increasing order.
  private var judgedOutputs: [Int]
  /// For each label its place among the classes that are judged.
  private var places: [Int?]
  /// What logits are also divided by, where a temperature was fitted.
  package var scaling: TemperatureScaling?

  /// The classification of samples whose labels are places in `classNames`.
  package init(classNames: [String]) {
    (self.classNames, dataClassNames) = (classNames, classNames)
    correspondence = ClassCorrespondence(identityOf: classNames.count)
    (judgedOutputs, places) = (Array(classNames.indices), Array(classNames.indices))
  }

  /// The classification of a dataset's classes; the configuration adds nothing.
  package init(_ configuration: Configuration, classNames: [String]) { self.init(classNames: classNames) }

  /// One logit per class.
  package var outputs: Int { classNames.count }

  /// The classification of a dataset's samples, as far as their classes are the network's.
  ///
  /// - Throws: `TrainingError` where no class is, or names cannot be told apart.
  package func applied(to dataset: Dataset, by rule: ClassRule) throws(TrainingError) -> Classification {
    try requireClasses(of: dataset)
    var result = self
    result.dataClassNames = dataset.classNames
    result.correspondence = try ClassCorrespondence(
      of: dataset.classNames, to: classNames, by: rule, path: dataset.path)
    result.judge(result.correspondence.sharedOutputs)
    return result
  }

  /// The same with samples of those classes alone that another dataset has too.
  package func restricted(to other: Classification) -> Classification {
    var result = self
    result.judge(judgedOutputs.filter(Set(other.judgedOutputs).contains))
    return result
  }

  /// The same with those classes alone that some samples of the dataset are of.
  package func restricted(toClassesOf samples: [Int], of dataset: Dataset) -> Classification {
    var result = self
    let found = Set(samples.compactMap { correspondence.outputs[dataset.label(of: $0)] })
    result.judge(judgedOutputs.filter(found.contains))
    return result
  }

  private mutating func judge(_ outputs: [Int]) {
    let judged = Set(outputs)
    var next = 0
    judgedOutputs = outputs
    places = correspondence.outputs.map { output in
      guard let output, judged.contains(output) else { return nil }
      next += 1
      return next - 1
    }
  }

  /// The network's classes that alone are judged; nil where all are.
  package var scope: [String]? {
    judgedOutputs.count == classNames.count ? nil : judgedOutputs.map { classNames[$0] }
  }

  /// The samples of classes that are judged.
  package func judged(_ samples: [Int], of dataset: Dataset) -> [Int] {
    samples.filter { places[dataset.label(of: $0)] != nil }
  }

  /// The classes of the dataset that are judged, with the network's outputs for them.
  private var classes: [(name: String, output: Int)] {
    dataClassNames.indices.compactMap { label in
      places[label] == nil ? nil : correspondence.outputs[label].map { (dataClassNames[label], $0) }
    }
  }

  /// The place of each sample's class among those that are judged; in training its label, which is the network's output.
  package func targets(of batch: Batch, in dataset: Dataset) -> [Int] {
    batch.samples.map { sample in
      guard let place = places[dataset.label(of: sample)] else {
        preconditionFailure("Classification: sample \(sample) of a class that the network does not have")
      }
      return place
    }
  }

  /// The task with the configuration's class weights and label smoothing.
  ///
  /// - Throws: `TrainingError` where the weights do not name the dataset's classes.
  package func prepared(
    for configuration: Configuration, training samples: [Int], of dataset: Dataset
  ) throws(TrainingError) -> Classification {
    try requireClasses(of: dataset)
    var result = self
    result.softLoss = try SoftLoss(
      configuration, labels: samples.map(dataset.label(of:)), classNames: dataset.classNames)
    return result
  }

  /// Throws `TrainingError` where regions of the dataset are of no class.
  private func requireClasses(of dataset: Dataset) throws(TrainingError) {
    guard dataset.hasMarks else { return }
    let found = (0..<dataset.sampleCount).count {
      [.background, .ignored].contains(dataset.mark(of: $0))
    }
    guard found == 0 else {
      throw TrainingError(
        "\(dataset.path): \(found) of its regions are of no class (images without objects, or places to be ignored), expected "
          + "a class for each; set task: detection, or prepare it without --keep-empty and marked boxes")
    }
  }

  /// The network's output for the class of each sample.
  func outputs(of batch: Batch, in dataset: Dataset) -> [Int] {
    batch.samples.map { sample in
      guard let output = correspondence.outputs[dataset.label(of: sample)] else {
        preconditionFailure("Classification: sample \(sample) of a class that the network does not have")
      }
      return output
    }
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
  package var emptyTally: ClassificationTally {
    ClassificationTally(classes: classes, outputs: classNames, scaling: scaling)
  }

  /// Runs the network on a batch and adds its predictions to a tally.
  package func evaluate(
    _ batch: TaskBatch<Self>, through network: Network, on tape: Tape, into tally: inout ClassificationTally
  ) {
    tally.add(logits: network.forward(batch.input, on: tape).logits.value, labels: batch.targets)
  }

  /// The report on a tally of the samples that are judged, with what was left out of all samples.
  package func report(on tally: ClassificationTally, samples: [Int], of dataset: Dataset) -> ClassificationReport {
    var report = tally.report
    var leftOut: [Int: (samples: Int, images: Set<Int>)] = [:]
    for sample in samples where correspondence.outputs[dataset.label(of: sample)] == nil {
      leftOut[dataset.label(of: sample), default: (0, [])].samples += 1
      leftOut[dataset.label(of: sample)]?.images.insert(dataset.imageIndex(of: sample))
    }
    let shared = Set(correspondence.sharedOutputs)
    let positions = zip(dataClassNames, classNames).filter { correspondence.isByPosition && $0 != $1 }
    report.matching = ClassMatching(
      rule: correspondence.isByPosition ? .position : .name, respelled: correspondence.respelled,
      given: correspondence.mapped + positions.map { .init(data: $0, network: $1) },
      leftOut: dataClassNames.indices.filter { correspondence.outputs[$0] == nil }.map { label in
        .init(
          name: dataClassNames[label], samples: leftOut[label]?.samples ?? 0,
          images: leftOut[label]?.images.count ?? 0)
      },
      absent: classNames.indices.filter { !shared.contains($0) }.map { classNames[$0] }, shared: shared.count)
    return report
  }

  /// One prediction per sample, in the order in which they were added to the tally.
  package func predictions(in tally: ClassificationTally, samples: [Int], of dataset: Dataset) -> [ClassPrediction] {
    zip(samples, tally.predictions).map { sample, prediction in
      ClassPrediction(
        sample: sample, image: dataset.imageIndex(of: sample),
        file: dataset.fileName(of: dataset.imageIndex(of: sample)),
        label: dataset.classNames[dataset.label(of: sample)],
        predicted: prediction.map { classNames[$0.output] }, probability: prediction?.confidence,
        isCorrect: prediction.map { $0.output == correspondence.outputs[dataset.label(of: sample)] } ?? false)
    }
  }
}
