internal import Kernels
internal import Reports
internal import Studies

/// An experiment of many runs, described by a YAML file: what transfer from each source to each target is worth.
///
/// `docs/study.md` describes the file, `docs/statistics.md` the rule of the verdict. Each run is a process of the program
/// `bulkhead`, so that its crash takes nothing along. A value is a plan; several threads and processes may read results,
/// and one at a time runs the study: a second one throws an error of the kind `locked`.
public struct TransferStudy: Sendable {
  let plan: StudyPlan
  /// The study's file.
  public let path: String

  /// Reads and plans a study.
  ///
  /// - Parameters:
  ///   - path: the YAML file.
  ///   - directory: of the runs; by default that of a file which ``StudyPreparation`` wrote, or `checkpoints/NAME`.
  ///   - workers: number of concurrent runs; as the file says by default.
  /// - Throws: ``BulkheadError`` of the kind `missing` for the file or a dataset, `invalid` with the line and key.
  public init(opening path: String, directory: String? = nil, workers: Int? = nil) throws(BulkheadError) {
    self.path = path
    plan = try translatingErrors {
      var study = try Study(path: path)
      study.workers = workers ?? study.workers
      guard (1...1024).contains(study.workers) else {
        throw BulkheadError(.invalid, "workers is \(study.workers); expected 1 to 1024")
      }
      try study.requireDatasets()
      return try StudyPlan(
        study, path: path, directory: directory ?? StudyDraft.directory(of: path) ?? "checkpoints/\(study.name)")
    }
  }

  /// The study's name.
  public var name: String { plan.study.name }
  /// The directory of the runs.
  public var directory: String { plan.directory }
  /// The names of the domains, in the order of tables.
  public var domains: [String] { plan.study.domains.map(\.name) }
  /// The names of the arms: the heads, and how each is trained.
  public var arms: [String] { plan.study.arms.map(\.name) }
  /// The seeds that everything is repeated with.
  public var seeds: [UInt64] { plan.study.seeds }
  /// The number of source models.
  public var sourceModelCount: Int { plan.sources.count }
  /// The number of cells, each of which is tested once: an arm, a regime, a source or scratch, a target, a size, a seed.
  public var cellCount: Int { plan.cells.count }

  /// The page of the report, one HTML file that needs no other; there once a report is written.
  public var reportPage: String { StudyReport.page(of: plan) }

  /// About how long the runs will take that are left, by a few training steps of every arm, done now.
  ///
  /// - Returns: seconds, without extensions of learning rate grids.
  /// - Throws: ``BulkheadError`` where a network does not fit its data or a file cannot be read.
  public func secondsLeft() throws(BulkheadError) -> Double {
    try translatingErrors { try StudyEstimate(plan).secondsLeft() }
  }

  /// Does what is not done yet, and writes the report.
  ///
  /// A finished run is never repeated, an interrupted one is resumed, a failed one is tried again.
  /// - Parameters:
  ///   - executable: the path of the program `bulkhead` of the same version, which does each run.
  ///   - onEvent: called on this thread.
  ///   - isCancelled: looked at all the time; by default whether the current task is cancelled.
  /// - Returns: what the study came to.
  /// - Throws: ``BulkheadError``: `failed` where runs failed (the others are done), `cancelled` with every run's state
  ///   saved, `locked`, `missing`, `invalid` or `system`.
  @discardableResult
  public func run(
    executable: String, onEvent: @escaping (Event) -> Void = { _ in },
    isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled }
  ) throws(BulkheadError) -> Findings {
    try translatingErrors {
      var published: Findings?
      try driver(executable, isCancelled, onEvent).run { findings in
        _ = try StudyReport(findings).write(from: path)
        published = Findings(findings)
      }
      guard let published else { preconditionFailure("TransferStudy: a study ends with its findings") }
      return published
    }
  }

  /// What the runs that are done come to; distances that are not known are measured.
  ///
  /// - Parameters:
  ///   - onEvent: called on this thread.
  ///   - isCancelled: looked at while distances are measured; by default whether the current task is cancelled.
  /// - Throws: ``BulkheadError`` where a run's file is damaged, or `cancelled`.
  public func findings(
    onEvent: @escaping (Event) -> Void = { _ in }, isCancelled: @escaping @Sendable () -> Bool = { Task.isCancelled }
  ) throws(BulkheadError) -> Findings {
    try translatingErrors { Findings(try driver("", isCancelled, onEvent).findings()) }
  }

  /// Writes the report of what is done into the directory `report` of the study.
  ///
  /// - Returns: the path of its page, one HTML file that needs no other.
  /// - Throws: ``BulkheadError`` where a run's file is damaged or a file cannot be written.
  @discardableResult
  public func writeReport() throws(BulkheadError) -> String {
    try translatingErrors {
      try StudyReport(driver("", { Task.isCancelled }, { _ in }).findings()).write(from: path)
    }
  }

  private func driver(
    _ executable: String, _ isCancelled: @escaping @Sendable () -> Bool, _ onEvent: @escaping (Event) -> Void
  ) -> StudyDriver {
    let context = StudyDriver.Context(
      executable: executable, pool: ThreadPool(threads: plan.study.workers), shouldStop: isCancelled)
    return StudyDriver(plan, context) { if let event = Event($0) { onEvent(event) } }
  }
}
