package import Autodiff
package import Datasets
package import Networks
package import Support

/// A training task: targets, loss, and the metrics that judge a network.
///
/// The training loop, the metrics log, selection and evaluation use a task through this protocol alone. A task runs the
/// network itself, so that it may use several outputs. Random choices in training, such as which regions to sample, are drawn from
/// `Tape.nextSeed`: they depend on the run's seed and the step alone, and a resumed run repeats them.
package protocol TrainingTask: Sendable {
  /// The targets of a batch's samples.
  associatedtype Targets: Sendable
  /// Adds up predictions on samples that are not trained on.
  associatedtype Tally: TaskTally

  /// The task's name in files and messages.
  static var name: String { get }
  /// Validation metrics: the first selects the best epoch unless the configuration names another; the others break ties, in
  /// order.
  static var metrics: [Metric] { get }
  /// Names of the counts of `loss`.
  static var counts: [String] { get }

  /// Whether the samples of an image must be judged together, in batches of `data.batch` images.
  static var judgesWholeImages: Bool { get }

  /// The network with the outputs that the task needs besides `main`.
  ///
  /// - Parameter classes: the number of classes of the dataset.
  static func described(
    _ network: NetworkDescription, by configuration: Configuration, classes: Int
  ) -> NetworkDescription

  /// The task as a run's configuration and the classes of its dataset pose it.
  init(_ configuration: Configuration, classNames: [String]) throws(TrainingError)

  /// The task with what its training loss needs to know of the samples that a run trains on, such as class weights.
  ///
  /// - Throws: `TrainingError` where the configuration's loss does not fit them.
  func prepared(
    for configuration: Configuration, training samples: [Int], of dataset: Dataset
  ) throws(TrainingError) -> Self

  /// The number of values that the network's last layer must give for each sample.
  var outputs: Int { get }

  /// The task for a dataset on which the network is evaluated, which need not be the one that it was trained on.
  ///
  /// - Throws: `TrainingError` where none of the dataset's classes is one that the network predicts.
  func applied(to dataset: Dataset, by rule: ClassRule) throws(TrainingError) -> Self
  /// The task on one dataset with the samples of those classes alone that another has too.
  func restricted(to other: Self) -> Self
  /// The task on a dataset with those classes alone that some of its samples are of.
  func restricted(toClassesOf samples: [Int], of dataset: Dataset) -> Self
  /// The network's classes that alone are judged; nil where all are.
  var scope: [String]? { get }
  /// Those of some samples that can be judged: others are of classes that the network does not have.
  func judged(_ samples: [Int], of dataset: Dataset) -> [Int]

  /// The targets of a batch's samples; called on the thread that reads the batch.
  func targets(of batch: Batch, in dataset: Dataset) throws(FileError) -> Targets

  /// What the mean of `loss` over a batch divides by: the number of samples, or their total weight.
  ///
  /// The parts of a batch count by it, so that accumulation gives the batch's loss.
  func weight(of batch: TaskBatch<Self>) -> Double
  /// Runs the network on a batch and records the mean loss over its samples, from which the backward pass starts.
  func loss(of batch: TaskBatch<Self>, through network: Network, on tape: Tape) -> TaskLoss
  /// Training metrics of an epoch besides the loss, from the sums of `loss`'s counts over its samples.
  func trainingMetrics(counts: [String: Double], samples: Int) -> [String: Double]

  /// A tally without predictions.
  var emptyTally: Tally { get }
  /// Runs the network on a batch without training it and adds its predictions to a tally.
  func evaluate(_ batch: TaskBatch<Self>, through network: Network, on tape: Tape, into tally: inout Tally)
  /// The report on a tally of the samples that are judged, among all samples of a dataset's split.
  func report(on tally: Tally, samples: [Int], of dataset: Dataset) -> Tally.Report
  /// The predictions that a tally holds, for samples of a dataset in the order in which they were added.
  func predictions(in tally: Tally, samples: [Int], of dataset: Dataset) -> [Tally.Report.Prediction]
}

extension TrainingTask {
  /// The report of an evaluation.
  package typealias Report = Tally.Report

  /// False by default: samples are judged one by one.
  package static var judgesWholeImages: Bool { false }
  /// The network itself by default.
  package static func described(
    _ network: NetworkDescription, by configuration: Configuration, classes: Int
  ) -> NetworkDescription { network }
  /// The task itself by default.
  package func prepared(
    for configuration: Configuration, training samples: [Int], of dataset: Dataset
  ) throws(TrainingError) -> Self { self }
  /// The number of samples by default.
  package func weight(of batch: TaskBatch<Self>) -> Double { Double(batch.input.samples.count) }
  /// The same, for a task without classes.
  package func restricted(to other: Self) -> Self { self }
  /// The same, for a task without classes.
  package func restricted(toClassesOf samples: [Int], of dataset: Dataset) -> Self { self }
  /// All classes.
  package var scope: [String]? { nil }
  /// All samples.
  package func judged(_ samples: [Int], of dataset: Dataset) -> [Int] { samples }
  /// The tally's own report.
  package func report(on tally: Tally, samples: [Int], of dataset: Dataset) -> Tally.Report { tally.report }
}
