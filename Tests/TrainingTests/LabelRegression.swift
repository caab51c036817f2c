import Autodiff
import Datasets
import Layers
import Networks
import Tensors
import Training

/// A task that no module knows: the network's one output should be the number of the sample's class.
///
/// The loss is the mean squared error by targets that are jittered anew in each step; the lowest error selects.
struct LabelRegression: TrainingTask {
  static let name = "label-regression"
  static let metrics = [
    Metric("squaredError", .number, .lowest, worst: .infinity), Metric("within", .share, .highest, worst: 0),
  ]
  static let counts = ["within", "absoluteError"]

  init(_ configuration: Configuration, classNames: [String]) {}

  let outputs = 1
  func applied(to dataset: Dataset, by rule: ClassRule) -> LabelRegression { self }

  func targets(of batch: Batch, in dataset: Dataset) -> [Float] {
    batch.samples.map { Float(dataset.label(of: $0)) }
  }

  func loss(of batch: TaskBatch<Self>, through network: Network, on tape: Tape) -> TaskLoss {
    let output = network.forward(batch.input, on: tape).logits
    var jitter = RandomStream(seed: tape.nextSeed())
    let errors = zip(output.value.values, batch.targets).map { $0 - $1 + 0.01 * jitter.normal() }
    let count = Float(errors.count)
    let loss = tape.record(
      Tensor(scalar: errors.reduce(0) { $0 + $1 * $1 } / count), inputs: [output]
    ) { gradient, backward in
      let factor = 2 * gradient.scalar / count
      backward.accumulate(Tensor(errors.map { factor * $0 }, shape: [errors.count, 1]), to: output)
    }
    return TaskLoss(
      loss,
      counts: [
        "within": Double(errors.count { abs($0) < 0.5 }), "absoluteError": errors.reduce(0) { $0 + Double(abs($1)) },
      ])
  }

  func trainingMetrics(counts: [String: Double], samples: Int) -> [String: Double] {
    counts.mapValues { $0 / Double(samples) }
  }

  let emptyTally = Tally()

  func evaluate(_ batch: TaskBatch<Self>, through network: Network, on tape: Tape, into tally: inout Tally) {
    tally.pairs += zip(network.forward(batch.input, on: tape).logits.value.values, batch.targets).map { ($0, $1) }
  }

  func predictions(in tally: Tally, samples: [Int], of dataset: Dataset) -> [Prediction] {
    zip(samples, tally.pairs).map { Prediction(sample: $0, output: $1.output, target: $1.target) }
  }

  struct Tally: TaskTally {
    var pairs: [(output: Float, target: Float)] = []

    var report: Report {
      let errors = pairs.map { Double($0.output) - Double($0.target) }
      let count = Double(errors.count)
      return Report(
        squaredError: errors.reduce(0) { $0 + $1 * $1 } / count,
        within: Double(errors.count { abs($0) < 0.5 }) / count)
    }
  }

  struct Report: TaskReport {
    typealias Prediction = LabelRegression.Prediction

    var squaredError: Double
    var within: Double

    var metrics: [String: Double] { ["squaredError": squaredError, "within": within] }
    var hasPredictions: Bool { squaredError.isFinite }
    var text: String { "squared error  \(squaredError)\n" }
  }

  struct Prediction: TaskPrediction {
    var sample: Int
    var output: Float
    var target: Float

    static let columns = ["sample", "output", "target"]
    var fields: [String] { ["\(sample)", "\(output)", "\(target)"] }
  }
}
