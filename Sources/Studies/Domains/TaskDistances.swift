internal import Datasets
internal import Foundation
internal import Support
internal import Training

#if canImport(Glibc)
  internal import Glibc
#endif

/// How little a source model's classes say of a target's, before any training there.
package struct TaskDistances: Codable, Sendable, Equatable {
  package struct Pair: Codable, Sendable, Equatable {
    package var source: String
    package var target: String
    /// LEEP by seed of the source model: at most 0, and about −H(target's classes) where the source says nothing.
    package var scores: [Double]

    package init(source: String, target: String, scores: [Double]) {
      (self.source, self.target, self.scores) = (source, target, scores)
    }

    /// −LEEP, the mean over seeds, in nats.
    package var distance: Double { -scores.reduce(0, +) / Double(max(scores.count, 1)) }
  }

  /// What the measurement depends on; another one makes it anew.
  package var key: String
  package var pairs: [Pair]

  package init(key: String, pairs: [Pair]) { (self.key, self.pairs) = (key, pairs) }

  package subscript(source: String, target: String) -> Pair? {
    pairs.first { $0.source == source && $0.target == target }
  }

  /// LEEP: the mean log-likelihood of labels y under Σ_z P̂(y | z)·θ(z), where θ is the source model's softmax over its own
  /// classes z and P̂ the joint distribution of y and z that it makes of the same samples.
  ///
  /// Source: C. V. Nguyen, T. Hassner, M. Seeger, C. Archambeau, "LEEP", ICML 2020.
  /// - Parameter probabilities: θ, a row a sample.
  package static func score(probabilities: [[Double]], labels: [Int], classes: Int) -> Double {
    let outputs = probabilities.first?.count ?? 0
    var joint = [[Double]](repeating: [Double](repeating: 0, count: outputs), count: classes)
    for (row, label) in zip(probabilities, labels) {
      for z in row.indices { joint[label][z] += row[z] }
    }
    let sums = (0..<outputs).map { z in joint.reduce(0) { $0 + $1[z] } }
    let likelihoods = zip(probabilities, labels).map { row, label in
      row.indices.reduce(0) { $0 + (sums[$1] > 0 ? joint[label][$1] / sums[$1] * row[$1] : 0) }
    }
    return likelihoods.reduce(0) { $0 + log($1) } / Double(max(labels.count, 1))
  }

  /// Reads the study's file, or measures with the first arm's source models, those that are there, and writes it.
  /// - Parameter progress: called with the number of source models that were looked at.
  /// - Throws: `FileError` or `TrainingError` where a source model or a dataset cannot be used, `Interruption.stopped`.
  package init(of studyProgress: inout StudyProgress, progress: (_ done: Int, _ total: Int) -> Void = { _, _ in })
    throws
  {
    let plan = studyProgress.plan
    let arm = plan.study.arms.first { $0.pretrained == nil }?.name
    let models = try plan.sources.filter { model in
      try model.arm == arm && studyProgress.result(of: model).map { $0.divergedAt == nil } ?? false
        && FileManager.default.fileExists(atPath: model.directory.best)
    }
    let targets = plan.study.targets.map {
      ($0.name, DerivedDataset($0, .target, of: plan.study, in: plan.directory).path)
    }
    let names = models.map(\.directory.name) + targets.map { $0.0 + plan.dataFingerprint(of: $0.1) }
    let key = StudyPlan.identity(of: "LEEP 1\n" + names.joined(separator: "\n"))
    let file = RunDirectory(plan.directory).file("task-distances.json")
    if let known = try? JSONFile.read(TaskDistances.self, from: file), known.key == key {
      self = known
      return
    }
    self.init(key: key, pairs: [])
    let datasets = try targets.map { ($0.0, try Dataset(opening: $0.1, memoryLimit: 0)) }
    for (index, run) in models.enumerated() {
      guard let source = plan.domain(ofSourceModel: run) else { continue }
      let model = try RunEvaluator(run.directory, weights: .best, threads: plan.study.workers)
      for (target, dataset) in datasets {
        let samples = dataset.drawn(DomainDistances.limit, of: .train, as: .target)
        let activations = try Activations(
          of: model.evaluator, on: model.batches(of: samples, in: dataset), layers: false)
        let score = Self.score(
          probabilities: activations.probabilities, labels: activations.samples.map(dataset.label(of:)),
          classes: dataset.classNames.count)
        if let place = pairs.firstIndex(where: { $0.source == source && $0.target == target }) {
          pairs[place].scores.append(score)
        } else {
          pairs.append(Pair(source: source, target: target, scores: [score]))
        }
      }
      progress(index + 1, models.count)
    }
    if !models.isEmpty { try JSONFile.write(self, to: file) }
  }
}
