package import Datasets
internal import Foundation
internal import Kernels
internal import Support

/// Evaluations on datasets.
extension RunEvaluator {
  /// Evaluates the network on a split of each dataset, for any task.
  ///
  /// - Throws: as `evaluate(as:on:split:classes:shouldStop:progress:)` does.
  package func evaluate(
    on paths: [String] = [], split: Split, classes: ClassRule = .byName, shouldStop: () -> Bool = { false },
    progress: (_ path: String, _ done: Int, _ total: Int) -> Void = { _, _, _ in }
  ) throws -> any EvaluationOutput {
    func output(_ task: some TrainingTask) throws -> any EvaluationOutput {
      try DatasetEvaluation(evaluator: self, task: task, split: split, classes: classes).run(
        on: paths, shouldStop: shouldStop, progress: progress)
    }
    return try output(task)
  }

  /// Evaluates the network on a split of each dataset.
  ///
  /// The drop compares with the same split of the run's own dataset, which is evaluated too if its file exists, on the classes
  /// that have samples in both.
  /// - Parameters:
  ///   - paths: dataset files; the run's own where there are none.
  ///   - classes: how a dataset's classes are matched with the network's.
  /// - Throws: `TrainingError` where the run is of another task, a dataset's classes or channels are not the network's, or
  ///   the run's own dataset is no longer the one that it was trained on, `FileError` where a dataset cannot be read,
  ///   `Interruption.stoppedForGood` if a stop was requested.
  package func evaluate<Task: TrainingTask>(
    as _: Task.Type, on paths: [String] = [], split: Split, classes: ClassRule = .byName,
    shouldStop: () -> Bool = { false },
    progress: (_ path: String, _ done: Int, _ total: Int) -> Void = { _, _, _ in }
  ) throws -> RunEvaluation<Task.Report> {
    guard let task = task as? Task else {
      throw TrainingError("the run's task is \(type(of: task).name), expected \(Task.name)")
    }
    return try DatasetEvaluation(evaluator: self, task: task, split: split, classes: classes).run(
      on: paths, shouldStop: shouldStop, progress: progress)
  }
}

/// One evaluation of a network on datasets, with its own dataset to compare with.
private struct DatasetEvaluation<Task: TrainingTask> {
  typealias Measured = (report: Task.Report, predictions: [Task.Report.Prediction])

  let evaluator: RunEvaluator
  let task: Task
  let split: Split
  let classes: ClassRule

  func run(
    on given: [String], shouldStop: () -> Bool, progress: (_ path: String, _ done: Int, _ total: Int) -> Void
  ) throws -> RunEvaluation<Task.Report> {
    let ownPath = evaluator.state.configuration.data.path
    let paths = given.isEmpty ? [ownPath] : given
    if case .byName(let map?) = classes {
      try map.requireNames(of: paths.map { try Dataset(opening: $0, memoryLimit: 0).classNames })
    }
    let own = try given.isEmpty || FileSystem.exists(ownPath) ? Dataset(opening: ownPath) : nil
    let change = own.flatMap(evaluator.state.difference(from:))
    if given.isEmpty, let change {
      throw TrainingError(
        "\(ownPath): is not the dataset that the run was trained on: \(change); restore it, or name it with --on to "
          + "evaluate the run on what is there now")
    }
    // Samples of the own dataset are compared on each other dataset's classes.
    var known: [String: Measured] = [:]
    func measured(_ task: Task, on dataset: Dataset, by rule: ClassRule) throws -> Measured? {
      let key = "\(rule)\n\(dataset.path)\n" + (task.scope ?? []).joined(separator: "\n")
      if let known = known[key] { return known }
      let all = dataset.samples(of: split)
      let samples = task.judged(all, of: dataset)
      guard !samples.isEmpty else { return nil }
      try evaluator.evaluator.data.requireEvaluation(of: samples, in: dataset, by: evaluator.evaluator.network)
      let tally: Task.Tally
      do {
        tally = try evaluator.evaluator.tally(
          of: task, on: dataset, samples: samples, shouldStop: shouldStop,
          progress: { progress(dataset.path, $0, samples.count) })
      } catch Interruption.stopped {
        throw Interruption.stoppedForGood
      }
      let result = (
        task.report(on: tally, samples: all, of: dataset), task.predictions(in: tally, samples: samples, of: dataset)
      )
      known[key] = result
      return result
    }
    let selecting = evaluator.state.configuration.metrics(of: Task.self)[0]
    // The drop, and the classes that both sides are measured on: those with samples on both.
    func drop(of task: Task, to report: Task.Report, on dataset: Dataset) throws -> (SourceDrop, classes: [String]?) {
      let path = dataset.path
      guard let own else {
        return (.none(reason: "the source's own \(split.rawValue) images are not available"), task.scope)
      }
      guard change == nil else {
        let place = path == ownPath ? "this" : ownPath
        return (.none(reason: "\(place) is not the dataset that the run was trained on: \(change ?? "")"), task.scope)
      }
      if path == ownPath { return (SourceDrop(of: selecting, from: report.metrics, to: report.metrics), task.scope) }
      let (all, ownAll) = (dataset.samples(of: split), own.samples(of: split))
      let source = try self.task.applied(to: own, by: .byName).restricted(
        to: task.restricted(toClassesOf: all, of: dataset)
      )
      .restricted(toClassesOf: ownAll, of: own)
      let target = task.restricted(to: source)
      guard let before = try measured(source, on: own, by: .byName) else {
        return (.none(reason: "\(ownPath) has no \(split.rawValue) images of these classes"), target.scope)
      }
      // Classes without a sample change no metric.
      let isSame = target.judged(all, of: dataset) == task.judged(all, of: dataset)
      let after = isSame ? report : try measured(target, on: dataset, by: classes)?.report ?? report
      return (SourceDrop(of: selecting, from: before.report.metrics, to: after.metrics), target.scope)
    }
    func evaluated(_ path: String) throws -> DomainEvaluation<Task.Report> {
      let dataset = try path == ownPath ? own ?? Dataset(opening: path) : Dataset(opening: path)
      try evaluator.requireInput(dataset)
      let task = try task.applied(to: dataset, by: classes)
      guard let domain = try measured(task, on: dataset, by: classes) else {
        let samples = dataset.samples(of: split).count
        throw TrainingError(
          samples == 0
            ? "\(path): the split \(split.rawValue) is empty; choose another with --split"
            : "\(path): none of the \(samples) samples in \(split.rawValue) is of a class that the network has "
              + "(\((task.scope ?? []).listed)); choose another split with --split")
      }
      let measuredDrop = try drop(of: task, to: domain.report, on: dataset)
      return DomainEvaluation(
        name: dataset.name, path: path, split: split.rawValue, report: domain.report, drop: measuredDrop.0,
        dropClasses: measuredDrop.classes, predictions: domain.predictions)
    }
    return RunEvaluation(weights: evaluator.weights, domains: try evaluator.pool.use { try paths.map(evaluated) })
  }
}
