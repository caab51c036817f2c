internal import Foundation
internal import Training

/// Does what a plan still lacks, several processes at a time.
package struct StudyRunner {
  /// A job that failed, and why.
  package struct Failure: Sendable, Equatable {
    package var job: StudyJob
    package var reason: String
  }

  /// How far the study is.
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
  private var waiting: [StudyJob] = []
  private var running: [(job: StudyJob, child: ChildProcess)] = []
  private(set) var failures: [Failure] = []
  private var status = Status()

  /// - Parameter executable: the path of `bulkhead`.
  package init(_ plan: StudyPlan, executable: String) {
    (self.plan, self.executable, work) = (plan, executable, StudyWork(plan.study))
  }

  /// Runs to the end of the plan.
  /// - Parameter report: called whenever something may have changed.
  /// - Returns: the jobs that failed; the others are done.
  /// - Throws: `Interruption.stopped` if asked to stop, with every run's state saved.
  package mutating func run(report: (Status) -> Void) throws -> [Failure] {
    let jobs = plan.jobs
    waiting = try jobs.filter { try !$0.isDone() }
    status = Status(jobs: jobs.count, done: jobs.count - waiting.count)
    status.work = jobs.reduce(0) { $0 + work.amount(of: $1) }
    status.doneWork = status.work - waiting.reduce(0) { $0 + work.amount(of: $1) }
    try prepareDirectories()
    while !waiting.isEmpty || !running.isEmpty {
      if Interruption.isRequested { try stop() }
      if try reap() || running.isEmpty { try launch() }
      if running.isEmpty, !waiting.isEmpty { failWhatIsBlocked() }
      status.running = running.count
      report(status)
      Thread.sleep(forTimeInterval: 0.01)
    }
    return failures
  }

  private func prepareDirectories() throws {
    for case .train(let run, after: _) in waiting { try run.directory.create(for: run.configuration) }
  }

  /// Starts ready jobs, in order, while there are free workers.
  private mutating func launch() throws {
    var index = 0
    while running.count < plan.study.workers, index < waiting.count {
      guard let arguments = try waiting[index].arguments() else {
        index += 1
        continue
      }
      let job = waiting.remove(at: index)
      let directory = try job.directory()
      try RunDirectory.remove(directory.failure)
      let child = try ChildProcess(executable: executable, arguments: arguments, log: directory.file(job.logName))
      running.append((job, child))
    }
  }

  /// Takes note of the children that have ended.
  /// - Returns: whether there were any.
  private mutating func reap() throws -> Bool {
    let ended = running.filter { !$0.child.isRunning }
    guard !ended.isEmpty else { return false }
    running.removeAll { one in ended.contains { $0.child === one.child } }
    for (job, child) in ended {
      let reason = child.failure
      // A run that diverged has failed, but it has a result: its rate is too large.
      if try job.isDone() {
        status.done += 1
        status.doneWork += work.amount(of: job)
      } else {
        let reason = reason ?? "it ended without a result"
        fail(job, reason)
        try RunDirectory.write("\(job.name): \(reason)\n", to: job.directory().failure)
      }
    }
    return true
  }

  private mutating func fail(_ job: StudyJob, _ reason: String) {
    failures.append(Failure(job: job, reason: reason))
    status.failed += 1
  }

  /// What waits for a failed job fails with it.
  private mutating func failWhatIsBlocked() {
    for job in waiting { fail(job, "what it builds on failed") }
    waiting = []
  }

  /// Lets the children save their state and waits for them.
  private func stop() throws -> Never {
    for (_, child) in running { child.requestStop() }
    while running.contains(where: { $0.child.isRunning }) { Thread.sleep(forTimeInterval: 0.01) }
    throw Interruption.stopped
  }
}
