internal import Statistics
internal import Studies
internal import Training

/// The data of a report: the analysis and the chosen runs' files.
struct Evidence {
  /// A run chosen on validation, with its files; missing ones are nil.
  struct Run {
    var selection: Selection
    var curve: LearningCurve?
    var cost: RunCost?
    var test: ClassificationReport?
    var network: NetworkCost?

    var name: String { selection.chosen.directory.name }

    /// Accuracy on training images in the chosen epoch, in training mode (with dropout and augmentation).
    var trainAccuracy: Double? { curve?[epoch: selection.result.bestEpoch]?.trainAccuracy }
  }

  struct SourceModel {
    var arm: String
    var domain: String
    var seed: UInt64
    /// Of its directory.
    var name: String
  }

  let findings: StudyFindings
  private(set) var runs: [Cell.Question: Run] = [:]
  /// Those that are trained.
  private(set) var sourceModels: [SourceModel] = []

  var plan: StudyPlan { findings.plan }
  var study: Study { plan.study }
  var analysis: StudyAnalysis { findings.analysis }
  var results: StudyResults { analysis.results }
  var size: Int? { analysis.size }
  /// The metric that stands for accuracy, such as `mAP`.
  var measure: String { results.measure }

  init(_ findings: StudyFindings) {
    self.findings = findings
    for (question, selection) in findings.analysis.results.selections {
      let directory = selection.chosen.directory
      runs[question] = Run(
        selection: selection, curve: try? selection.learningCurve,
        cost: directory.loadCost(), test: (try? directory.loadTest())?.domains.first?.report,
        network: findings.costs[selection.chosen.configuration])
    }
    for case .source(let model, let domain) in findings.progress.entries
    where findings.progress.result(of: model) != nil {
      sourceModels.append(
        SourceModel(arm: model.arm, domain: domain, seed: model.seed, name: model.directory.name))
    }
  }

  /// A study's arm in the look that it has in every figure.
  func look(_ arm: String, isDashed: Bool = false) -> SVG.Look {
    SVG.Look(arm: study.arms.firstIndex { $0.name == arm } ?? 0, isDashed: isDashed)
  }

  /// The runs of a condition, in order of seeds.
  func runs(_ condition: StudyResults.Condition) -> [Run] {
    study.seeds.compactMap { runs[condition.question(seed: $0)] }
  }

  func runNames(_ conditions: [StudyResults.Condition]) -> [String] { conditions.flatMap { runs($0).map(\.name) } }

  /// The runs behind a pair's Δ.
  func runNames(_ pair: StudyAnalysis.Pair) -> [String] { runNames(conditions(of: pair)) }

  /// Both arms, pretrained and from scratch.
  func conditions(of pair: StudyAnalysis.Pair) -> [StudyResults.Condition] {
    guard let arms = analysis.arms else { return [] }
    let pretrained = [arms.first, arms.second].map {
      StudyResults.Condition($0, from: pair.source, on: pair.target, size: size)
    }
    return pretrained + pretrained.compactMap(results.scratch)
  }

  /// An arm on every target: from every source, or from scratch.
  func conditions(of arm: String, isScratch: Bool = false, size: Int?, on target: String? = nil)
    -> [StudyResults.Condition]
  {
    let targets = study.targets.map(\.name).filter { target == nil || $0 == target }
    return targets.flatMap { target in
      isScratch
        ? [StudyResults.Condition(arm, from: nil, on: target, size: size)]
        : study.sources.map { StudyResults.Condition(arm, from: $0.name, on: target, size: size) }
    }
  }

  /// By seed the mean of a number over some conditions; only of seeds that have it for as many as any seed has.
  func means(over conditions: [StudyResults.Condition], _ value: (Run, _ accuracy: Double?) -> Double?) -> [Double] {
    let bySeed = study.seeds.map { seed in
      conditions.compactMap { condition -> Double? in
        let question = condition.question(seed: seed)
        return runs[question].flatMap { value($0, results.accuracies[question]) }
      }
    }
    let most = bySeed.map(\.count).max() ?? 0
    return most == 0 ? [] : bySeed.filter { $0.count == most }.compactMap { Estimate($0)?.mean }
  }
}

extension Plot.Point {
  /// A mean over seeds with its interval, times a factor.
  init?(x: Double, seeds values: [Double], times factor: Double = 1, text: String = "", runs: [String] = []) {
    guard let mean = Estimate(values)?.mean else { return nil }
    let interval = Interval(mean: values)
    self.init(
      x: x, y: factor * mean, low: interval.map { factor * $0.lower }, high: interval.map { factor * $0.upper },
      text: text, runs: runs)
  }
}
