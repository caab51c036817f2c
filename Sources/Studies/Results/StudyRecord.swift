internal import Foundation
internal import Images
internal import Kernels
internal import Layers
internal import Networks
internal import Storage
package import Training

/// What a study leaves on the disk beside its runs.
package struct StudyRecord {
  let plan: StudyPlan
  var progress: StudyProgress
  private var costs: [String: NetworkCost] = [:]
  private let outlines: [String: DatasetOutline]

  package init(_ progress: StudyProgress) {
    (plan, self.progress) = (progress.plan, progress)
    outlines = DatasetOutline.all(of: plan)
  }

  /// Sizes of a network.
  package struct NetworkCost: Sendable, Equatable {
    package var parameters: Int
    package var multiplyAdds: Int
  }

  /// Writes `results.csv`, one row a run of a cell, and gives its path.
  @discardableResult
  package mutating func writeTable() throws -> String {
    var table = CSVText(
      header: [
        "run", "phase", "arm", "regime", "source", "target", "size", "seed", "rate", "fold", "chosen", "inside",
        "bestEpoch", "trainAccuracy", "validationAccuracy", "testAccuracy", "calibrationError", "parameters",
        "multiplyAdds", "seconds", "peakBytes",
      ])
    func add(_ run: PlannedRun, _ words: [String], size: Int?, chosen: Bool, inside: String, test: Double?) throws {
      let result = try progress.result(of: run)
      let cost = cost(of: run.configuration)
      func text(_ value: (some Any)?) -> String { value.map { "\($0)" } ?? "" }
      let curve = result == nil ? nil : try? LearningCurve(of: run.directory)
      let report = test == nil ? nil : try StudyPlan.evaluation(of: run)?.domains.first?.report
      let taken = try? RunDirectory.readJSON(RunCost.self, from: run.directory.cost)
      table.add(
        [run.directory.name] + words + [
          text(size), "\(run.seed)", text(run.rate), text(run.configuration.data.fold.map { "\($0.index)/\($0.of)" }),
          chosen ? "yes" : "no", inside, text(result?.bestEpoch),
          text(result.flatMap { curve?[epoch: $0.bestEpoch] }?.trainAccuracy), text(result?.validationAccuracy),
          text(test), text(report?.calibrationError), text(cost?.parameters), text(cost?.multiplyAdds),
          text(taken?.seconds), text(taken?.peakBytes),
        ])
    }
    for run in plan.sources {
      let test = try progress.testAccuracy(of: run)
      let domain = plan.domain(ofSourceModel: run) ?? ""
      try add(run, ["pretraining", run.arm, "full", "", domain], size: nil, chosen: true, inside: "", test: test)
    }
    for (index, cell) in plan.cells.enumerated() {
      let question = cell.question
      let words = [
        "finetuning", question.arm, question.regime.rawValue, question.source ?? "scratch", question.target,
      ]
      switch try progress.state(of: index) {
      case .waiting: break
      case .searching(let runs):
        for run in runs { try add(run, words, size: question.size, chosen: false, inside: "", test: nil) }
      case .chosen(let selection):
        let test = try progress.testAccuracy(of: selection)
        for run in selection.runs {
          let isChosen = run.directory == selection.chosen.directory
          try add(
            run, words, size: question.size, chosen: isChosen,
            inside: isChosen ? (selection.isInside ? "yes" : "no") : "", test: isChosen ? test : nil)
        }
      }
    }
    let path = RunDirectory(plan.directory).file("results.csv")
    try RunDirectory.write(table.text, to: path)
    return path
  }

  /// The sizes of a configuration's network on its own data; nil where these cannot be read.
  package mutating func cost(of configuration: Configuration) -> NetworkCost? {
    let key = "\(configuration.network) \(configuration.data.path)"
    if let known = costs[key] { return known }
    guard
      let outline = outlines[configuration.data.path],
      case let input = outline.input(of: configuration), case .maps(_, let channels) = input,
      let network = try? outline.description(of: configuration).network(channels: channels, classes: outline.classes),
      let summary = try? NetworkSummary(network, input: input)
    else { return nil }
    let cost = NetworkCost(parameters: summary.parameters, multiplyAdds: summary.multiplyAccumulates)
    costs[key] = cost
    return cost
  }

  /// Writes the metrics of every finished run for TensorBoard, into directories that tell what the runs are.
  package mutating func writeEvents(into directory: RunDirectory) throws {
    func add(_ run: PlannedRun, _ words: [String]) throws {
      let place = RunDirectory(
        directory.file((words.map(Markup.fileName) + [run.directory.name]).joined(separator: "/")))
      guard try progress.result(of: run) != nil, FileManager.default.fileExists(atPath: run.directory.metrics) else {
        return
      }
      try EventFile(MetricsLog.records(in: run.directory.metrics)).write(into: place)
    }
    for run in plan.sources { try add(run, ["source", plan.domain(ofSourceModel: run) ?? "", run.arm]) }
    for (index, cell) in plan.cells.enumerated() {
      let question = cell.question
      let words = [question.source ?? "scratch", question.target, "\(question.arm)-\(question.regime.rawValue)"]
      switch try progress.state(of: index) {
      case .waiting: break
      case .searching(let runs): for run in runs { try add(run, words) }
      case .chosen(let selection): for run in selection.runs { try add(run, words) }
      }
    }
  }

  /// Removes what no reader of the finished study needs: checkpoints to resume from, and weights that were not chosen,
  /// or all of fine-tuning unless the study keeps weights.
  ///
  /// Source models stay, for arms and targets to come; metrics, results and evaluations stay for every run.
  package mutating func removeSpentCheckpoints() throws {
    var kept = Set(plan.sources.map(\.directory.name))
    var spent: [RunDirectory] = []
    for (index, cell) in plan.cells.enumerated() {
      guard let selection = try progress.selection(of: index), try progress.testAccuracy(of: selection) != nil else {
        // Others may begin with its runs.
        return
      }
      if plan.study.keepWeights || cell.question.regime == .probe { kept.insert(selection.chosen.directory.name) }
      if cell.question.regime == .probe { kept.formUnion(selection.folds.map(\.directory.name)) }
      spent += selection.runs.map(\.directory)
    }
    for run in spent {
      try run.removeCheckpoints()
      if !kept.contains(run.name) { try RunDirectory.remove(run.best) }
    }
  }
}

extension StudyPlan {
  /// The domain that a source model was trained on.
  package func domain(ofSourceModel run: PlannedRun) -> String? {
    study.sources.first {
      DerivedDataset($0, .source, of: study, in: directory).path == run.configuration.data.path
    }?.name
  }
}
