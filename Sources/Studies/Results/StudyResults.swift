package import Networks
internal import Statistics
internal import Support
internal import Training

/// Test results of a study's cells, by seed.
package struct StudyResults: Sendable, Equatable {
  /// What was planned.
  package let study: Study
  /// The kind of head of each arm.
  package let headKinds: [String: NetworkDescription.Head.Kind]
  /// The metric that stands for accuracy in the results: accuracy itself, or of detectors the one that selects.
  package private(set) var measure = Classification.metrics[0].name
  /// Test accuracies of the chosen runs; 0 where every run of a cell diverged.
  package private(set) var accuracies: [Cell.Question: Double]
  /// The selections of the cells whose search has ended.
  package private(set) var selections: [Cell.Question: Selection] = [:]
  /// Test accuracies of the source models by arm and domain, in order of seeds.
  package private(set) var sourceAccuracies: [String: [String: [Double]]]
  /// How far chosen pretrained runs drifted from their source models.
  package private(set) var drifts: [Cell.Question: Drift]
  /// The cost of each arm's networks, pretrained, regime full.
  package private(set) var costs: [String: ArmCost]
  /// Distances between domains; nil if they were not measured.
  package var distances: DomainDistances?
  /// Task distances; nil if they were not measured.
  package var taskDistances: TaskDistances?

  /// Results that are known.
  package init(
    study: Study, headKinds: [String: NetworkDescription.Head.Kind], accuracies: [Cell.Question: Double],
    sourceAccuracies: [String: [String: [Double]]] = [:],
    drifts: [Cell.Question: Drift] = [:], costs: [String: ArmCost] = [:], distances: DomainDistances? = nil,
    taskDistances: TaskDistances? = nil
  ) {
    (self.study, self.headKinds) = (study, headKinds)
    (self.accuracies, self.sourceAccuracies) = (accuracies, sourceAccuracies)
    (self.drifts, self.costs) = (drifts, costs)
    (self.distances, self.taskDistances) = (distances, taskDistances)
  }

  /// The results of a plan's runs.
  package init(
    _ progress: StudyProgress, costs networks: NetworkCosts, distances: DomainDistances? = nil,
    taskDistances: TaskDistances? = nil
  ) {
    let plan = progress.plan
    self.init(
      study: plan.study, headKinds: plan.headKinds, accuracies: [:], distances: distances, taskDistances: taskDistances)
    if let base = plan.cells.first?.base { measure = base.comparedBy.name }
    var seconds: [String: [Double]] = [:]
    for entry in progress.entries {
      switch entry {
      case .source(let model, let domain):
        guard let accuracy = progress.testAccuracy(of: model) else { continue }
        sourceAccuracies[model.arm, default: [:]][domain, default: []].append(accuracy)
      case .cell(let cell, _):
        guard let selection = entry.selection else { continue }
        let (question, run) = (cell.question, selection.chosen)
        selections[question] = selection
        accuracies[question] = progress.testAccuracy(of: selection)
        guard cell.start == .pretrained else { continue }
        drifts[question] = run.directory.loadDrift()
        guard question.regime == .full, let network = networks[run.configuration] else { continue }
        let most = max(costs[question.arm]?.parameters ?? 0, network.parameters)
        costs[question.arm, default: ArmCost(parameters: 0)].parameters = most
        let deployed = max(costs[question.arm]?.deployed ?? 0, network.deployedParameters)
        costs[question.arm]?.deployed = deployed
        if let cost = run.directory.loadCost() { seconds[question.arm, default: []].append(cost.seconds) }
      }
    }
    for (arm, seconds) in seconds { costs[arm]?.seconds = Estimate(seconds)?.mean }
  }

  /// The measure at the beginning of a title.
  package var measureTitle: String { measure == Classification.metrics[0].name ? "Accuracy" : measure }

  /// The cost of an arm's networks.
  package struct ArmCost: Sendable, Equatable {
    /// The most over targets, for classifiers differ with their classes.
    package var parameters: Int
    /// The same of the whole network that a user would run, with the frozen backbone that makes feature maps.
    package var deployed: Int
    /// The mean seconds of a fine-tuning run.
    package var seconds: Double?

    /// A cost that is known.
    package init(parameters: Int, deployed: Int? = nil, seconds: Double? = nil) {
      (self.parameters, self.deployed, self.seconds) = (parameters, deployed ?? parameters, seconds)
    }
  }

  /// The accuracy at a seed.
  package func accuracy(_ condition: Condition, seed: UInt64) -> Double? {
    accuracies[condition.question(seed: seed)]
  }

  /// How far the run drifted at a seed.
  package func drift(_ condition: Condition, seed: UInt64) -> Drift? { drifts[condition.question(seed: seed)] }

  /// Means over all pairs of a source and a target, by seed.
  func pairMeans(_ value: (PairMeans.Pair, UInt64) -> Double?) -> PairMeans {
    let pairs = study.sources.flatMap { source in study.targets.map { (source.name, $0.name) } }
    return PairMeans(seeds: study.seeds, pairs: pairs, value)
  }

  /// The available accuracies over seeds.
  package func accuracies(_ condition: Condition) -> [Double] {
    study.seeds.compactMap { accuracy(condition, seed: $0) }
  }

  /// The predictions of a cell's chosen run for each test image; nil if there is no table, as of a detector.
  package func predictions(of question: Cell.Question) throws -> PredictionTable? {
    guard let selection = selections[question], selection.chosen.configuration.taskKind != .detection else {
      return nil
    }
    do { return try PredictionTable(reading: selection.chosen.directory.predictions) } catch let error as FileError
      where error.kind == .missing
    {
      return nil
    }
  }

  /// The learning curve of a cell's chosen run; nil if none is chosen.
  package func learningCurve(of question: Cell.Question) throws -> LearningCurve? {
    try selections[question]?.learningCurve
  }

  /// Differences over seeds, paired; seeds that lack either are left out.
  package func differences(_ a: Condition, _ b: Condition) -> [Double] {
    study.seeds.compactMap { seed in
      guard let first = accuracy(a, seed: seed), let second = accuracy(b, seed: seed) else { return nil }
      return first - second
    }
  }

  /// An arm's condition from scratch, or that of the arm whose runs it shares.
  package func scratch(of condition: Condition) -> Condition? {
    study.arms.first { $0.name == condition.arm }.flatMap(study.scratchArm).map {
      Condition($0, from: nil, on: condition.target, size: condition.size)
    }
  }

  /// Δ over seeds: [arm − other] pretrained − [arm − other] from scratch, paired.
  package func effects(of arm: String, over other: String, from source: String, on target: String, size: Int? = nil)
    -> [Double]
  {
    let first = Condition(arm, from: source, on: target, size: size)
    let second = Condition(other, from: source, on: target, size: size)
    guard let scratchFirst = scratch(of: first), let scratchSecond = scratch(of: second) else { return [] }
    return study.seeds.compactMap { seed in
      let values = [first, second, scratchFirst, scratchSecond].compactMap { accuracy($0, seed: seed) }
      return values.count == 4 ? (values[0] - values[1]) - (values[2] - values[3]) : nil
    }
  }

  /// The gain of an arm by pretraining, over seeds.
  package func gains(of condition: Condition) -> [Double] {
    scratch(of: condition).map { differences(condition, $0) } ?? []
  }
}
