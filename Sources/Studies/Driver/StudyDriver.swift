package import Kernels
internal import Training

/// Runs a study from its plan to its results: derived datasets, runs, distances, drift, analysis, cleaning.
///
/// Finished work is not repeated. The plan sets the number of concurrent runs.
package struct StudyDriver {
  /// The dependencies of a driver: executable, shard, thread pool and stop request.
  package struct Context {
    /// The path of `bulkhead`, which trains each run in its own process.
    package var executable: String
    /// The shard to begin with if other machines share the directory.
    package var shard: Shard?
    /// The thread pool for measurements.
    package var pool: ThreadPool
    /// Whether the study should stop; polled from several threads.
    package var shouldStop: () -> Bool

    /// - Parameter shouldStop: called from several threads.
    package init(
      executable: String, shard: Shard? = nil, pool: ThreadPool, shouldStop: @escaping () -> Bool
    ) {
      (self.executable, self.shard, self.pool, self.shouldStop) = (executable, shard, pool, shouldStop)
    }
  }

  /// The lock's holder, as other processes see it.
  private static let holder = "bulkhead study run"

  private let plan: StudyPlan
  private let context: Context
  private let observe: (StudyEvent) -> Void
  private let measurements: StudyMeasurements

  private var directory: RunDirectory { RunDirectory(plan.directory) }

  /// - Parameter observe: called with every event.
  package init(_ plan: StudyPlan, _ context: Context, observe: @escaping (StudyEvent) -> Void) {
    (self.plan, self.context, self.observe) = (plan, context, observe)
    measurements = StudyMeasurements(context, observe)
  }

  /// Does the remaining work.
  /// - Parameter publish: called with the findings, while no other shard writes shared files.
  /// - Throws: `StudyError` if jobs failed, `Interruption.stopped` with every run's state saved, `FileError` where the
  ///   study's directory is in use or a file cannot be read or written, `YAMLError` or `TrainingError` where a dataset
  ///   cannot be made.
  package func run(publish: (StudyFindings) throws -> Void) throws {
    let own = context.shard.map { RunDirectory("\(plan.directory)/shards/\($0.index)-of-\($0.count)") } ?? directory
    try own.createDirectory()
    let lock = try own.lock(for: Self.holder)
    defer { _ = lock }
    var shared: [SharedImages]?
    try whileAlone {
      try makeDatasets()
      shared = try measurements.sharedImages(of: plan)
    }
    let failures = try doJobs()
    try whileAlone {
      let progress = try StudyProgress(reading: plan)
      try measurements.measureDrift(progress)
      try publish(findings(progress, shared))
      for failure in failures { observe(.failed(failure)) }
      if let first = failures.first { throw StudyError.failed(count: failures.count, first: first.reason) }
      try progress.removeSpentCheckpoints()
    }
  }

  /// The findings so far; missing distances are measured.
  /// - Throws: `FileError` where a run's file is damaged, `Interruption.stopped`.
  package func findings() throws -> StudyFindings {
    try directory.createDirectory()
    return try findings(StudyProgress(reading: plan), measurements.sharedImages(of: plan))
  }

  private func findings(_ progress: StudyProgress, _ shared: [SharedImages]?) throws -> StudyFindings {
    StudyFindings(
      progress, distances: try measurements.domainDistances(of: plan),
      taskDistances: try measurements.taskDistances(progress), sharedImages: shared)
  }

  /// What is not a run's own is written by one shard at a time.
  private func whileAlone(_ body: () throws -> Void) throws {
    guard context.shard != nil else { return try body() }
    let lock = try directory.lock(for: Self.holder, patience: 600)
    defer { _ = lock }
    try body()
  }

  private func makeDatasets() throws {
    for dataset in plan.datasets {
      let isNew = try dataset.derive(shouldStop: context.shouldStop) { done, total in
        observe(.advanced(.features(domain: dataset.domain), done: done, total: total))
      }
      if isNew { observe(.madeDataset(path: dataset.path, domain: dataset.domain)) }
    }
  }

  private func doJobs() throws -> [StudyRunner.Failure] {
    var runner = StudyRunner(
      plan, executable: context.executable, shard: context.shard, shouldStop: context.shouldStop)
    var last = StudyRunner.Status()
    let failures = try runner.run { status in
      observe(.jobs(status))
      last = status
    }
    observe(.jobsEnded(last))
    return failures
  }
}
