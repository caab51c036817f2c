internal import Support
internal import Training

/// What a study's cells came to on test images, seed by seed.
package struct StudyResults: Sendable, Equatable {
  package let study: Study
  package private(set) var accuracies: [Cell.Question: Double]
  package private(set) var selections: [Cell.Question: Selection] = [:]
  /// Test accuracies of the source models by arm and domain, in order of seeds.
  package private(set) var sourceAccuracies: [String: [String: [Double]]]
  /// How far chosen pretrained runs moved from their source models.
  package private(set) var movements: [Cell.Question: Movement]
  /// What the arms' networks take, pretrained, regime full.
  package private(set) var costs: [String: ArmCost]
  package var distances: DomainDistances?
  package var taskDistances: TaskDistances?

  package init(
    study: Study, accuracies: [Cell.Question: Double], sourceAccuracies: [String: [String: [Double]]] = [:],
    movements: [Cell.Question: Movement] = [:], costs: [String: ArmCost] = [:], distances: DomainDistances? = nil,
    taskDistances: TaskDistances? = nil
  ) {
    (self.study, self.accuracies, self.sourceAccuracies) = (study, accuracies, sourceAccuracies)
    (self.movements, self.costs) = (movements, costs)
    (self.distances, self.taskDistances) = (distances, taskDistances)
  }

  /// Reads what the runs of a plan have come to so far.
  package init(
    _ progress: inout StudyProgress, distances: DomainDistances? = nil, taskDistances: TaskDistances? = nil
  ) throws {
    self.init(study: progress.plan.study, accuracies: [:], distances: distances, taskDistances: taskDistances)
    let plan = progress.plan
    var record = StudyRecord(progress)
    var seconds: [String: [Double]] = [:]
    for (index, cell) in plan.cells.enumerated() {
      guard let selection = try progress.selection(of: index) else { continue }
      selections[cell.question] = selection
      accuracies[cell.question] = try progress.testAccuracy(of: selection)
      guard cell.start == .pretrained else { continue }
      let run = selection.chosen
      movements[cell.question] = try? JSONFile.read(Movement.self, from: run.directory.movement)
      let arm = cell.question.arm
      guard cell.question.regime == .full, let cost = record.cost(of: run.configuration) else { continue }
      costs[arm, default: ArmCost(parameters: 0)].parameters = max(costs[arm]?.parameters ?? 0, cost.parameters)
      if let cost = try? JSONFile.read(RunCost.self, from: run.directory.cost) {
        seconds[arm, default: []].append(cost.seconds)
      }
    }
    for (arm, seconds) in seconds { costs[arm]?.seconds = Estimate(seconds)?.mean }
    for model in plan.sources {
      guard let domain = plan.domain(ofSourceModel: model), let accuracy = try progress.testAccuracy(of: model) else {
        continue
      }
      sourceAccuracies[model.arm, default: [:]][domain, default: []].append(accuracy)
    }
  }

  /// What an arm's network takes.
  package struct ArmCost: Sendable, Equatable {
    /// The most over targets, for classifiers differ with their classes.
    package var parameters: Int
    /// Of a run of fine-tuning, the mean.
    package var seconds: Double?

    package init(parameters: Int, seconds: Double? = nil) { (self.parameters, self.seconds) = (parameters, seconds) }
  }

  /// An arm in a regime on a pair of domains at a size; without a source, from scratch.
  package struct Condition: Sendable, Hashable {
    package var arm: String
    package var regime: Regime
    package var source: String?
    package var target: String
    package var size: Int?

    package init(_ arm: String, regime: Regime = .full, from source: String?, on target: String, size: Int? = nil) {
      (self.arm, self.regime, self.source, self.target, self.size) = (arm, regime, source, target, size)
    }

    fileprivate func question(seed: UInt64) -> Cell.Question {
      Cell.Question(arm: arm, regime: regime, source: source, target: target, size: size, seed: seed)
    }
  }

  /// The accuracy at a seed.
  package func accuracy(_ condition: Condition, seed: UInt64) -> Double? {
    accuracies[condition.question(seed: seed)]
  }

  /// How far the run moved at a seed.
  package func movement(_ condition: Condition, seed: UInt64) -> Movement? { movements[condition.question(seed: seed)] }

  /// Means over all pairs of a source and a target, by seed.
  func pairMeans(_ value: (PairMeans.Pair, UInt64) -> Double?) -> PairMeans {
    let pairs = study.sources.flatMap { source in study.targets.map { (source.name, $0.name) } }
    return PairMeans(seeds: study.seeds, pairs: pairs, value)
  }

  /// Accuracies over seeds, those that are there.
  package func accuracies(_ condition: Condition) -> [Double] {
    study.seeds.compactMap { accuracy(condition, seed: $0) }
  }

  /// What the chosen run of a cell made of each test image; nil where there is no table of it.
  package func predictions(of question: Cell.Question) throws -> PredictionTable? {
    guard let selection = selections[question] else { return nil }
    do { return try PredictionTable(reading: selection.chosen.directory.predictions) } catch let error as FileError
      where error.kind == .missing
    {
      return nil
    }
  }

  /// How the chosen run of a cell learned; nil where none is chosen.
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

  /// An arm's condition from scratch, or that of the arm that stands for it.
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

  /// What an arm gains by being pretrained, over seeds.
  package func gains(of condition: Condition) -> [Double] {
    scratch(of: condition).map { differences(condition, $0) } ?? []
  }
}
