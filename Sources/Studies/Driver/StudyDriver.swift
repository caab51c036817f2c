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
    /// The name of this process for others that share the directory.
    package var holder: String
    /// The thread pool for measurements.
    package var pool: ThreadPool
    /// Whether the study should stop; polled from several threads.
    package var shouldStop: () -> Bool

    /// - Parameter shouldStop: called from several threads.
    package init(
      executable: String, shard: Shard? = nil, holder: String = "bulkhead study run", pool: ThreadPool,
      shouldStop: @escaping () -> Bool
    ) {
      (self.executable, self.shard, self.holder) = (executable, shard, holder)
      (self.pool, self.shouldStop) = (pool, shouldStop)
    }
  }

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
    let lock = try own.lock(for: context.holder)
    defer { _ = lock }
    var shared: [SharedImages]?
    try whileAlone {
      try makeDatasets()
      shared = try measurements.sharedImages(of: plan)
    }
    let failures = try doJobs()
    try whileAlone {
      let progress = try publishProgress(shared, publish)
      try report(failures)
      try progress.removeSpentCheckpoints()
    }
  }

  /// Does a task's part of a phase: that of the context's shard, where several tasks share it.
  /// - Parameter publish: called with the findings in the phase `report`.
  /// - Throws: `StudyError` if jobs failed, or are not done when the report is written; else as `run`.
  package func run(_ phase: StudyPhase, publish: (StudyFindings) throws -> Void) throws {
    let own = context.shard.map {
      RunDirectory("\(plan.directory)/shards/\(phase.rawValue)-\($0.index)-of-\($0.count)")
    }
    let place = own ?? directory
    try place.createDirectory()
    // A task that was requeued may begin before the process that it replaces has ended.
    let lock = try place.lock(for: context.holder, patience: 60)
    defer { _ = lock }
    switch phase {
    case .prepare:
      try whileAlone {
        try makeDatasets()
        _ = try measurements.sharedImages(of: plan)
      }
    case .sources, .runs: try report(try doJobs(phase))
    case .report:
      try whileAlone {
        let progress = try publishProgress(measurements.sharedImages(of: plan), publish)
        try progress.requireEnd()
        try progress.removeSpentCheckpoints()
      }
    }
  }

  private func publishProgress(
    _ shared: [SharedImages]?, _ publish: (StudyFindings) throws -> Void
  ) throws -> StudyProgress {
    let progress = try StudyProgress(reading: plan)
    try measurements.measureDrift(progress)
    try publish(findings(progress, shared))
    return progress
  }

  private func report(_ failures: [StudyRunner.Failure]) throws {
    for failure in failures { observe(.failed(failure)) }
    if let first = failures.first { throw StudyError.failed(count: failures.count, first: first.reason) }
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
    let lock = try directory.lock(for: context.holder, patience: 600)
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

  private func doJobs(_ phase: StudyPhase? = nil) throws -> [StudyRunner.Failure] {
    var runner = StudyRunner(
      plan, executable: context.executable, shard: context.shard, phase: phase, holder: context.holder,
      shouldStop: context.shouldStop)
    var last = StudyRunner.Status()
    let failures = try runner.run { status in
      observe(.jobs(status))
      last = status
    }
    observe(.jobsEnded(last))
    return failures
  }
}
