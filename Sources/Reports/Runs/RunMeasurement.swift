internal import Datasets
internal import Support
internal import Training

/// A run's network measured on a split of a dataset.
struct RunMeasurement {
  /// The task's own.
  enum Evaluation {
    case classification(DomainEvaluation<ClassificationReport>)
    case detection(DomainEvaluation<DetectionReport>, Detection)
  }

  let evaluator: RunEvaluator
  let evaluation: Evaluation
  /// The dataset that it was measured on.
  let dataset: Dataset
  let options: RunReportOptions
  /// The run's own dataset, or why it cannot be shown.
  let own: Result<Dataset, Unavailable>

  /// Why a part of the page is not there.
  struct Unavailable: Error { var reason: String }

  /// - Throws: as `RunEvaluator` does, `TrainingError` for a task without pages, `Interruption.stoppedForGood`.
  init(
    _ run: RunDirectory, _ options: RunReportOptions, shouldStop: () -> Bool,
    progress: (_ path: String, _ done: Int, _ total: Int) -> Void
  ) throws {
    self.options = options
    evaluator = try RunEvaluator(run, weights: options.weights)
    let path = options.dataset ?? evaluator.state.configuration.data.path
    dataset = try Dataset(opening: path, memoryLimit: 0)
    if let picture = options.picture, !(0..<dataset.imageCount).contains(picture) {
      throw TrainingError(
        "\(path): it has \(dataset.imageCount) images, expected a picture of 0 to \(dataset.imageCount - 1), not \(picture)"
      )
    }
    let found = try evaluator.evaluate(
      on: options.dataset.map { [$0] } ?? [], split: options.split, classes: options.classes, shouldStop: shouldStop,
      progress: progress)
    switch (found, evaluator.task) {
    case (let found as RunEvaluation<ClassificationReport>, _): evaluation = .classification(found.domains[0])
    case (let found as RunEvaluation<DetectionReport>, let task as Detection):
      evaluation = .detection(found.domains[0], try task.applied(to: dataset, by: options.classes))
    default:
      throw TrainingError(
        "\(run.path): the run's task is \(evaluator.state.task), expected classification or detection for a page")
    }
    own = Self.own(evaluator.state)
  }

  private static func own(_ state: TrainingState) -> Result<Dataset, Unavailable> {
    let path = state.configuration.data.path
    do throws(FileError) {
      let dataset = try Dataset(opening: path, memoryLimit: 0)
      if let change = state.difference(from: dataset) {
        return .failure(Unavailable(reason: "\(path) is not the dataset that the run was trained on: \(change)"))
      }
      return .success(dataset)
    } catch { return .failure(Unavailable(reason: "\(error)")) }
  }

  var isOwnDataset: Bool { options.dataset == nil }
  var state: TrainingState { evaluator.state }

  /// Which weights these are and what chose them.
  var checkpoint: String {
    guard options.weights == .best, let best = state.best else { return "the last weights, after epoch \(state.epoch)" }
    let metrics = state.configuration.metrics
    guard !state.configuration.data.endsWithLastEpoch, let chosen = metrics.first, let value = best.metrics[chosen.name]
    else { return "the weights of the last epoch, \(best.epoch); nothing chose among epochs" }
    return "the best weights, of epoch \(best.epoch), chosen by validation \(chosen.name) (\(chosen.text(of: value)))"
  }

  /// What the numbers were measured on, and what may be done with them.
  var caveat: String {
    let split = options.split
    guard isOwnDataset else {
      return "These are \(split.rawValue) images of another dataset than the run was trained on."
    }
    return switch split {
    case .validation:
      state.configuration.data.endsWithLastEpoch
        ? "The run chose nothing on these images; the test images were not looked at."
        : "The best epoch was chosen on validation images, which flatters these numbers a little; the test images were not "
          + "looked at."
    case .test: "These are test images: nothing may be chosen by these numbers, or they are no test any more."
    case .train: "These are training images: the numbers tell what the network remembers, and not what it can do."
    }
  }

  /// An image by its file, or its place in the dataset.
  func name(ofImage index: Int) -> String { dataset.fileName(of: index) ?? "image \(index)" }
}
