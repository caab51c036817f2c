internal import Foundation
package import Networks
internal import Optimizers
internal import Training

/// Everything that a study trains: source models, one per arm with its own, domain and seed, then the cells.
package struct StudyPlan: Sendable, Equatable {
  /// The planned study.
  package let study: Study
  /// Source models, by seed, domain and arm.
  package let sources: [PlannedRun]
  /// The cells in order of execution: a cell comes after the cells it depends on.
  package let cells: [Cell]
  /// The outlines of datasets that are not there yet, by path.
  let expected: [String: DatasetOutline]
  private let naming: RunNaming

  /// The directory of all runs.
  package var directory: String { naming.directory }

  /// - Parameters:
  ///   - path: the study file's name, for messages.
  ///   - directory: where the runs' directories go.
  ///   - expected: the outlines of datasets that are not there yet, by path, to estimate the work.
  /// - Throws: `YAMLError` where the pieces make no configuration, `FileError` where a dataset cannot be read.
  package init(_ study: Study, path: String, directory: String, expecting expected: [String: DatasetOutline] = [:])
    throws
  {
    self.expected = expected
    var study = study
    study.features = try study.features?.identified(in: path)
    self.study = study
    naming = try RunNaming(study, in: directory)
    var planner = CellPlanner(study, naming, path: path)
    try planner.planSources()
    try planner.planCells()
    (sources, cells) = (planner.sources, planner.cells)
  }

  /// The run of a cell at a learning rate.
  /// - Parameter probe: the run whose weights it begins with, where the cell continues from another one.
  func run(of cell: Cell, learningRate: Double, _ trial: Cell.Trial, after probe: PlannedRun? = nil) throws
    -> PlannedRun
  {
    var configuration = cell.configuration(of: trial)
    configuration.optimizer.learningRate = learningRate
    if let probe {
      configuration.weights = WeightsConfiguration(from: probe.directory.best, use: .continuation)
    }
    return try naming.run(
      of: configuration, arm: cell.question.arm, seed: cell.question.seed, learningRate: learningRate)
  }

  /// What is in a dataset of the study, as one text.
  func dataFingerprint(of path: String) -> String { naming.fingerprint(of: path) }

  /// The kind of head of each arm, by its name; arms without a head are left out.
  package var headKinds: [String: NetworkDescription.Head.Kind] {
    let kinds = cells.compactMap { cell in cell.base.network.head.map { (cell.question.arm, $0.kind) } }
    return Dictionary(kinds) { first, _ in first }
  }
}
