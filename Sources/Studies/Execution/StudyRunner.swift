internal import Foundation
internal import Support
internal import Training

/// Does what a plan still lacks, several processes at a time.
package struct StudyRunner {
  /// A job that failed, and why.
  package struct Failure: Sendable, Equatable {
    package var job: StudyJob
    package var reason: String
  }

  /// How far the study is, as far as it is known: searches may ask for more runs.
  package struct Status: Sendable, Equatable {
    package var jobs = 0
    package var done = 0
    package var running = 0
    package var failed = 0
    /// Work of all jobs and of those done, in images walked through.
    package var work = 0.0
    package var doneWork = 0.0
  }

  private let plan: StudyPlan
  private let work: StudyWork
  private let executable: String
  private let shard: Shard?
  private var progress: StudyProgress
  private var open: [StudyJob] = []
  private var running: [(job: StudyJob, child: ChildProcess, claim: Claim?)] = []
  private var failures: [Failure] = []
  private var failed: Set<String> = []
  /// How often a job's process was stopped by someone else.
  private var interruptions: [String: Int] = [:]
  private var status = Status()
  /// Whether another machine was found to have done what was open here.
  private var isStale = false
  /// Whether jobs ended since the last look at what there is to do, which takes a while where a study is large.
  private var isBehind = false
  private var nextLook = Date.distantPast

  /// - Parameters:
  ///   - executable: the path of `bulkhead`.
  ///   - shard: what to begin with, where other machines work on the same directory.
  package init(_ plan: StudyPlan, executable: String, shard: Shard? = nil) {
    (self.plan, self.executable, self.shard) = (plan, executable, shard)
    work = StudyWork(plan)
    progress = StudyProgress(plan)
  }

  /// Runs to the end of the plan.
  /// - Parameter report: called whenever something may have changed.
  /// - Returns: the jobs that failed; the others are done.
  /// - Throws: `Interruption.stopped` if asked to stop, with every run's state saved.
  package mutating func run(report: (Status) -> Void) throws -> [Failure] {
    try refresh()
    var (hasChanged, pause) = (true, 0.0)
    while !open.isEmpty || !running.isEmpty || isStale {
      if Interruption.isRequested { try stop() }
      if try reap() || isStale { hasChanged = true }
      // Others' work shows in files alone.
      if shard != nil, pause >= 1 {
        progress.look()
        hasChanged = true
      }
      if hasChanged {
        if isStale || Date() >= nextLook { try refresh() }
        var isBlocked = try launch()
        // What ended may have opened more.
        if isBehind, running.count < plan.study.workers {
          try refresh()
          isBlocked = try launch()
        }
        if running.isEmpty, isBlocked {
          for job in open { fail(job, "what it builds on failed") }
          open = []
        }
        (hasChanged, pause) = (false, 0)
      }
      status.running = running.count
      report(status)
      Thread.sleep(forTimeInterval: 0.01)
      pause += 0.01
    }
    return failures
  }

  /// Looks what is done and what there is to do.
  private mutating func refresh() throws {
    let start = Date()
    (isStale, isBehind) = (false, false)
    let (done, left) = try progress.jobs()
    let toCome = try progress.jobsToCome()
    let busy = Set(running.map(\.job.key)).union(failed)
    open = left.filter { !busy.contains($0.key) }
    status.done = done.count
    status.jobs = done.count + left.count + toCome.reduce(0) { $0 + $1.jobs }
    status.doneWork = done.reduce(0) { $0 + work.amount(of: $1) }
    status.work = status.doneWork + left.reduce(0) { $0 + work.amount(of: $1) }
    status.work += toCome.reduce(0) { $0 + work.amount(of: $1) }
    nextLook = Date() + max(1, -20 * start.timeIntervalSinceNow)
  }

  /// Starts ready jobs, in order, while there are free workers.
  /// - Returns: whether all that is open waits for what failed.
  private mutating func launch() throws -> Bool {
    guard running.count < plan.study.workers, !open.isEmpty else { return false }
    var ready: [StudyJob] = []
    var others = 0
    let free = plan.study.workers - running.count
    for job in open where shard != nil || ready.count < free {
      if let before = job.prerequisite {
        guard let result = try progress.result(of: before), result.divergedAt == nil else {
          if try shard != nil && !failed.contains(StudyJob.train(before, after: nil).key)
            && progress.result(of: before) == nil
          {
            others += 1
          }
          continue
        }
      }
      ready.append(job)
    }
    if let shard { ready = ready.filter(shard.owns) + ready.filter { !shard.owns($0) } }
    var settled: Set<String> = []
    for job in ready where running.count < plan.study.workers {
      let directory = job.run.directory
      try directory.create(for: job.run.configuration)
      var claim: Claim?
      if shard != nil {
        guard let own = try Claim(directory) else {
          others += 1
          continue
        }
        claim = own
        progress.look(for: job.run)
        guard try !isDone(job) else {
          settled.insert(job.key)
          isStale = true
          continue
        }
      }
      try FileSystem.remove(directory.failure)
      let child = try ChildProcess(executable: executable, arguments: job.arguments, log: directory.file(job.logName))
      running.append((job, child, claim))
      settled.insert(job.key)
    }
    open.removeAll { settled.contains($0.key) }
    return ready.isEmpty && others == 0
  }

  /// Takes note of the children that have ended.
  /// - Returns: whether there were any.
  private mutating func reap() throws -> Bool {
    let ended = running.filter { !$0.child.isRunning }
    guard !ended.isEmpty else { return false }
    running.removeAll { one in ended.contains { $0.child === one.child } }
    isBehind = true
    for (job, child, _) in ended {
      let reason = child.failure
      progress.look(for: job.run)
      // A run that diverged has failed, but it has a result: its rate is too large.
      guard try !isDone(job) else {
        // What it would have gone on from is nothing to anyone else, and a study has thousands of such runs.
        if case .train(let run, after: _) = job, run.rate != nil { try run.directory.removeCheckpoints() }
        status.done += 1
        status.doneWork += work.amount(of: job)
        continue
      }
      if child.wasInterrupted, interruptions[job.key, default: 0] < 3 {
        interruptions[job.key, default: 0] += 1
        continue
      }
      let words = reason ?? "it ended without a result"
      fail(job, words)
      try TextFile.write("\(job.name): \(words)\n", to: job.run.directory.failure)
    }
    return true
  }

  private mutating func isDone(_ job: StudyJob) throws -> Bool {
    if case .train = job { return try progress.result(of: job.run) != nil }
    return try progress.testAccuracy(of: job.run) != nil
  }

  private mutating func fail(_ job: StudyJob, _ reason: String) {
    failures.append(Failure(job: job, reason: reason))
    failed.insert(job.key)
    status.failed += 1
  }

  /// Lets the children save their state and waits for them.
  private func stop() throws -> Never {
    for (_, child, _) in running { child.requestStop() }
    while running.contains(where: { $0.child.isRunning }) { Thread.sleep(forTimeInterval: 0.01) }
    throw Interruption.stopped
  }
}

/// The right to work on a run, among several machines; given back with the value or with the process.
private final class Claim {
  private let lock: FileLock

  /// - Returns: nil while another process holds it.
  init?(_ run: RunDirectory) throws {
    let place = RunDirectory(run.file("claim"))
    try place.createDirectory()
    do { lock = try place.lock(for: "bulkhead study run") } catch  where error.kind == .locked { return nil }
  }
}
