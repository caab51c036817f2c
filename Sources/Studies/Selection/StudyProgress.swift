package import Training

/// A snapshot of a plan's progress, read from the runs' files by `ProgressReader`.
package struct StudyProgress: Sendable {
  /// The state of a cell.
  package enum CellState: Sendable, Equatable {
    /// It depends on a selection that is not made yet.
    case waiting
    /// The runs known so far; more may follow.
    case searching([PlannedRun])
    case chosen(Selection)
  }

  /// What is planned.
  package let plan: StudyPlan
  /// The state of each cell, in the plan's order.
  package let states: [CellState]
  /// By the run's identity.
  private let results: [String: RunResult]
  private let accuracies: [String: Double]

  init(plan: StudyPlan, states: [CellState], results: [String: RunResult], accuracies: [String: Double]) {
    (self.plan, self.states, self.results, self.accuracies) = (plan, states, results, accuracies)
  }

  /// Reads the results of a plan's runs.
  /// - Throws: `FileError` where a run's file is damaged.
  package init(reading plan: StudyPlan) throws { self = try ProgressReader(plan).progress() }

  /// The result of a run, if it is finished.
  package func result(of run: PlannedRun) -> RunResult? { results[run.identity] }

  /// The accuracy on test images, if it was measured.
  package func testAccuracy(of run: PlannedRun) -> Double? { accuracies[run.identity] }

  /// The test accuracy of a selection: 0 if every run diverged.
  package func testAccuracy(of selection: Selection) -> Double? {
    selection.hasDiverged ? 0 : testAccuracy(of: selection.chosen)
  }

  /// The selection of a cell, once its search is over.
  package func selection(of index: Int) -> Selection? {
    guard case .chosen(let selection) = states[index] else { return nil }
    return selection
  }
}

// MARK: The one walk over sources and cells

extension StudyProgress {
  /// A source model, or a cell with the runs known so far.
  package enum Entry: Sendable {
    case source(PlannedRun, domain: String)
    case cell(Cell, CellState)

    /// The runs known so far, by setting then fold, last that which is tested.
    package var runs: [PlannedRun] {
      switch self {
      case .source(let run, domain: _): [run]
      case .cell(_, .waiting): []
      case .cell(_, .searching(let runs)): runs
      case .cell(_, .chosen(let selection)): selection.runs
      }
    }

    /// The selection of a cell whose search has ended.
    package var selection: Selection? {
      if case .cell(_, .chosen(let selection)) = self { selection } else { nil }
    }
  }

  /// Source models, then cells, in the plan's order.
  package var entries: [Entry] {
    plan.sources.map { .source($0, domain: plan.domain(ofSourceModel: $0) ?? "") }
      + zip(plan.cells, states).map { .cell($0, $1) }
  }

  /// Every run known so far, source models first, each once.
  package var runs: [PlannedRun] {
    var known: Set<String> = []
    return entries.flatMap(\.runs).filter { known.insert($0.identity).inserted }
  }
}
