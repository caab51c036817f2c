internal import Datasets
internal import Foundation
internal import Kernels
internal import Statistics
internal import Training

/// Measures LEEP of the first arm's available source models on each target.
struct TaskDistanceMeasurement {
  private let plan: StudyPlan
  private let models: [PlannedRun]
  private let targets: [(name: String, path: String)]

  /// What the measurement depends on.
  let key: String

  /// Whether there is any source model to measure with.
  var isPossible: Bool { !models.isEmpty }

  init(_ progress: StudyProgress) {
    let plan = progress.plan
    self.plan = plan
    let arm = plan.study.arms.first { $0.pretrained == nil }?.name
    models = plan.sources.filter { model in
      model.arm == arm && model.configuration.taskKind != .detection
        && progress.result(of: model).map { $0.divergedAt == nil } == true
        && FileManager.default.fileExists(atPath: model.directory.best)
    }
    targets = plan.study.targets.map { ($0.name, plan.study.dataset($0, .target, in: plan.directory).path) }
    let names = models.map(\.directory.name) + targets.map { $0.name + plan.dataFingerprint(of: $0.path) }
    key = Identity.name(of: "LEEP 1\n" + names.joined(separator: "\n"))
  }

  /// Measures.
  /// - Parameters:
  ///   - pool: what the source models are evaluated on.
  ///   - shouldStop: looked at before each batch.
  ///   - report: called with the number of source models done.
  /// - Throws: `FileError` or `TrainingError` where a source model or a dataset cannot be used, `Interruption.stopped`.
  func distances(
    on pool: ThreadPool, shouldStop: () -> Bool, progress report: (_ done: Int, _ total: Int) -> Void
  ) throws -> TaskDistances {
    var pairs: [TaskDistances.Pair] = []
    let datasets = try targets.map { ($0.name, try Dataset(opening: $0.path, memoryLimit: 0)) }
    for (index, run) in models.enumerated() {
      guard let source = plan.domain(ofSourceModel: run) else { continue }
      let model = try RunEvaluator(run.directory, weights: .best, pool: pool)
      for (target, dataset) in datasets {
        let samples = dataset.drawn(Dataset.measuredImages, of: .train, as: .target)
        let batches = try model.batches(of: samples, in: dataset)
        let activations = try pool.use {
          try Activations(of: model.evaluator, on: batches, layers: false, shouldStop: shouldStop)
        }
        let score = LEEP.score(
          probabilities: activations.probabilities, labels: activations.samples.map(dataset.label(of:)),
          classes: dataset.classNames.count)
        if let place = pairs.firstIndex(where: { $0.source == source && $0.target == target }) {
          pairs[place].scores.append(score)
        } else {
          pairs.append(.init(source: source, target: target, scores: [score]))
        }
      }
      report(index + 1, models.count)
    }
    return TaskDistances(key: key, pairs: pairs)
  }
}
