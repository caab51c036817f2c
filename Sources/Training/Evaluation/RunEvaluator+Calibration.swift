internal import Datasets
internal import Kernels
internal import Support
internal import Tensors

extension RunEvaluator {
  /// The same, whose evaluations also report loss and calibration error at a temperature that is fitted now: it minimizes
  /// the loss on the run's validation samples, and never looks at others.
  ///
  /// - Throws: `TrainingError` where the run has no validation samples, or its dataset is no longer the one that it was
  ///   trained on, `FileError` where that cannot be read, `Interruption.stoppedForGood` if a stop was requested.
  package func calibrated(
    shouldStop: () -> Bool = { false },
    progress: (_ path: String, _ done: Int, _ total: Int) -> Void = { _, _, _ in }
  ) throws -> RunEvaluator {
    let data = state.configuration.data
    let dataset = try Dataset(opening: data.path)
    if let change = state.difference(from: dataset) {
      throw TrainingError(
        "\(data.path): is not the dataset that the run was trained on: \(change); restore it, as a temperature is fitted on "
          + "its validation images")
    }
    guard data.validationPerClass != 0 else {
      throw TrainingError(
        "\(data.path): the run has no validation images (data.validationPerClass: 0) to fit a temperature on")
    }
    guard let task = task as? Classification else {
      throw TrainingError("the run's task is \(type(of: task).name); a temperature is for classification alone")
    }
    let applied = try task.applied(to: dataset, by: .byName)
    let validation = try SampleChoice(of: dataset, as: data, seed: state.configuration.seed).validation
    let samples = applied.judged(validation, of: dataset)
    var (logits, targets): ([[Float]], [Int]) = ([], [])
    try pool.use {
      for start in stride(from: 0, to: samples.count, by: evaluator.batch) {
        if shouldStop() { throw Interruption.stoppedForGood }
        let batch = try Batch(
          Array(samples[start..<min(start + evaluator.batch, samples.count)]), of: dataset, as: evaluator.data)
        let values = evaluator.output(of: batch).values
        logits += (0..<batch.samples.count).map { Array(values[$0 * task.outputs..<($0 + 1) * task.outputs]) }
        targets += applied.outputs(of: batch, in: dataset)
        progress(data.path, targets.count, samples.count)
      }
    }
    guard let scaling = TemperatureScaling(logits: logits, targets: targets) else {
      throw TrainingError("\(data.path): no validation sample has finite logits to fit a temperature on")
    }
    var result = self
    var scaled = task
    scaled.scaling = scaling
    result.task = scaled
    return result
  }
}
