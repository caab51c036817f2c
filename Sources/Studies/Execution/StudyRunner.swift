internal import Foundation
internal import Support
internal import Training

/// Runs the open jobs of a plan in several processes at a time.
package struct StudyRunner {
  /// A job that failed, and why.
  package struct Failure: Sendable, Equatable {
    /// The failed job.
    package var job: StudyJob
    /// The reason in one line, from the process's last message.
    package var reason: String
  }

  /// The study's progress as far as known: searches may add runs.
  package struct Status: Sendable, Equatable {
    /// All jobs, including those that follow from others.
    package var jobs = 0
    /// Finished jobs.
    package var done = 0
    /// Running jobs.
    package var running = 0
    /// Failed jobs.
    package var failed = 0
    /// Work of all jobs, in images forward.
    package var work = 0.0
    /// Work of the finished jobs, in images forward.
    package var doneWork = 0.0
  }

  let plan: StudyPlan
  let executable: String
  let shard: Shard?
  let phase: StudyPhase?
  let holder: String
  let reader: ProgressReader
  private let work: StudyWork
  private let shouldStop: () -> Bool
  var open: [StudyJob] = []
  var running: [(job: StudyJob, child: ChildProcess, claim: RunClaim?)] = []
  private var failures: [Failure] = []
  private(set) var failed: Set<String> = []
  /// How often a job's process was stopped from outside.
  private var interruptions: [String: Int] = [:]
  private var status = Status()
  /// Whether another machine was found to have done what was open here.
  var isStale = false
  /// Whether jobs ended since the last look at what there is to do, which takes a while where a study is large.
  private var isBehind = false
  private var nextLook = Date.distantPast
  /// Whether nothing runs here, and what is open is done by other machines or waits for what they do.
  var waitsForOthers = false
  /// Runs that follow from those that are open.
  private var runsToCome = 0

  /// - Parameters:
  ///   - executable: the path of `bulkhead`.
  ///   - shard: the shard to begin with if other machines share the directory.
  ///   - phase: the phase whose jobs are done, as one of its tasks: it ends when others do all that is left; nil does all.
  ///   - holder: the name of this process for others that share the directory.
  ///   - shouldStop: polled continuously.
  package init(
    _ plan: StudyPlan, executable: String, shard: Shard? = nil, phase: StudyPhase? = nil,
    holder: String = "bulkhead study run", shouldStop: @escaping () -> Bool
  ) {
    (self.plan, self.executable, self.shard, self.shouldStop) = (plan, executable, shard, shouldStop)
    (self.phase, self.holder) = (phase, holder)
    work = StudyWork(plan)
    reader = ProgressReader(plan)
  }

  /// Runs to the end of the plan.
  /// - Parameter report: called whenever something may have changed.
  /// - Returns: the jobs that failed; the others are done.
  /// - Throws: `Interruption.stopped` if a stop was requested, with every run's state saved.
  package mutating func run(report: (Status) -> Void) throws -> [Failure] {
    try refresh()
    var (hasChanged, pause) = (true, 0.0)
    while !open.isEmpty || !running.isEmpty || isStale {
      if shouldStop() { try stop() }
      if try reap() || isStale { hasChanged = true }
      // Other machines' work is visible in files only.
      if shard != nil, pause >= 1 {
        reader.look()
        hasChanged = true
      }
      if hasChanged {
        if isStale || Date() >= nextLook { try refresh() }
        var isBlocked = try launch()
        // Finished jobs may have opened more.
        if isBehind, running.count < plan.study.workers {
          try refresh()
          isBlocked = try launch()
        }
        if running.isEmpty, isBlocked {
          // The report of a submission names what its tasks left.
          if phase == nil { for job in open { fail(job, "a job that it depends on failed") } }
          open = []
        }
        if phase != nil, waitsForOthers, runsToCome == 0 { break }
        (hasChanged, pause) = (false, 0)
      }
      status.running = running.count
      report(status)
      Thread.sleep(forTimeInterval: 0.01)
      pause += 0.01
    }
    return failures
  }

  /// Determines the finished and the open jobs.
  private mutating func refresh() throws {
    let start = Date()
    (isStale, isBehind) = (false, false)
    let progress = try reader.progress()
    var (jobs, toCome) = (progress.jobs, progress.jobsToCome)
    if let phase {
      jobs = (jobs.done.filter(phase.includes), jobs.open.filter(phase.mayBegin))
      if phase != .runs { toCome = [] }
    }
    let busy = Set(running.map(\.job.key)).union(failed)
    open = jobs.open.filter { !busy.contains($0.key) }
    runsToCome = toCome.reduce(0) { $0 + $1.runs }
    status.done = jobs.done.count
    status.jobs = jobs.done.count + jobs.open.count + toCome.reduce(0) { $0 + $1.jobs }
    status.doneWork = jobs.done.reduce(0) { $0 + work.amount(of: $1) }
    status.work = status.doneWork + jobs.open.reduce(0) { $0 + work.amount(of: $1) }
    status.work += toCome.reduce(0) { $0 + work.amount(of: $1) }
    nextLook = Date() + max(1, -20 * start.timeIntervalSinceNow)
  }

  /// Records the children that have exited.
  /// - Returns: whether there were any.
  private mutating func reap() throws -> Bool {
    let ended = running.filter { !$0.child.isRunning }
    guard !ended.isEmpty else { return false }
    running.removeAll { one in ended.contains { $0.child === one.child } }
    isBehind = true
    for (job, child, _) in ended {
      let reason = child.failure
      reader.look(for: job.run)
      // A run that diverged has failed, but it has a result: its learning rate is too large.
      guard try !isDone(job) else {
        // Its checkpoints are of no further use, and a study has thousands of such runs.
        if case .train(let run, after: _) = job, run.learningRate != nil { try run.directory.removeCheckpoints() }
        status.done += 1
        status.doneWork += work.amount(of: job)
        continue
      }
      // A scheduler that kills a task may kill the run first.
      if child.wasInterrupted || phase != nil && child.wasKilled, interruptions[job.key, default: 0] < 3 {
        interruptions[job.key, default: 0] += 1
        continue
      }
      let words = reason ?? "it ended without a result"
      fail(job, words)
      try job.run.directory.noteFailure("\(job.name): \(words)")
    }
    return true
  }

  private mutating func fail(_ job: StudyJob, _ reason: String) {
    failures.append(Failure(job: job, reason: reason))
    failed.insert(job.key)
    status.failed += 1
  }

  /// Stops the children, which save their state, and waits for them.
  private func stop() throws -> Never {
    for (_, child, _) in running { child.requestStop() }
    while running.contains(where: { $0.child.isRunning }) { Thread.sleep(forTimeInterval: 0.01) }
    throw Interruption.stopped
  }
}
