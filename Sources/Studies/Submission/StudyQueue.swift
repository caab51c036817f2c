package import Support
internal import Training

/// The tasks of a study's newest submission as their scheduler sees them.
package struct StudyQueue: Sendable, Equatable {
  /// What was submitted.
  package let submission: Submission
  /// Its tasks, as far as the scheduler knows them.
  package let tasks: [QueuedTask]
  /// Why nothing is known of tasks that ended a while ago; nil where all is known.
  package let silence: String?
  private let plan: StudyPlan

  /// What a task of Slurm names itself in the locks of runs.
  private static let holder = "Slurm task "

  /// The name of a process for others: that of the task which it does, where Slurm started it.
  package static func holder(environment: [String: String]) -> String? {
    guard let job = environment["SLURM_ARRAY_JOB_ID"] ?? environment["SLURM_JOB_ID"] else { return nil }
    return holder + job + (environment["SLURM_ARRAY_TASK_ID"].map { "_" + $0 } ?? "")
  }

  /// - Throws: `FileError` where the record is damaged or the scheduler does not answer.
  /// - Returns: nil where nothing was submitted to a scheduler that can be asked.
  package init?(of plan: StudyPlan) throws(FileError) {
    guard let submission = try SubmissionDirectory.newest(of: plan)?.load(), submission.engine == .slurm else {
      return nil
    }
    let (tasks, silence) = try Slurm().tasks(of: submission.identifiers)
    self.init(plan, submission, tasks: tasks, silence: silence)
  }

  /// A queue that is known.
  package init(_ plan: StudyPlan, _ submission: Submission, tasks: [QueuedTask], silence: String? = nil) {
    (self.plan, self.submission, self.tasks, self.silence) = (plan, submission, tasks, silence)
  }

  /// Jobs that are in the queue still.
  package var active: [Submission.Job] {
    submission.jobs.filter { job in tasks.contains { $0.job == job.identifier && $0.isActive } }
  }

  /// A run's place in the queue: the task that works on it, or what it waits for; empty where nothing is to come.
  package func state(of row: StudyStatus.Row) -> String {
    switch row.state {
    case .finished, .diverged: return ""
    case .toDo, .begun, .failed: break
    }
    if let holder = RunClaim.holder(of: RunDirectory("\(plan.directory)/\(row.run)")) {
      guard let range = holder.firstRange(of: Self.holder) else { return holder }
      let name = holder[range.upperBound...].prefix { $0 != ")" }
      let state = tasks.first { $0.name == name }?.state.lowercased()
      return "\(name) \(state ?? "running")"
    }
    if case .failed = row.state { return "" }
    let phase = row.regime == nil ? StudyPhase.sources : .runs
    guard let job = active.first(where: { $0.phase == phase }) else { return "" }
    let isRunning = tasks.contains { $0.job == job.identifier && $0.state == "RUNNING" }
    return "\(job.identifier ?? "") \(isRunning ? "waiting" : "pending")"
  }

  /// The phases one by one: how many tasks are in which state, and why those wait that do.
  package var summary: [[String]] {
    submission.jobs.map { job in
      let own = tasks.filter { $0.job == job.identifier }
      var counts: [(state: String, reason: String?, count: Int)] = []
      for task in own {
        if let place = counts.firstIndex(where: { $0.state == task.state && $0.reason == task.reason }) {
          counts[place].count += 1
        } else {
          counts.append((task.state, task.reason, 1))
        }
      }
      let words = counts.map { one in
        "\(one.count) \(one.state.lowercased())" + (one.reason.map { " (\($0))" } ?? "")
      }
      return [
        job.phase.rawValue, job.identifier ?? "", "\(job.tasks)", words.isEmpty ? "not in the queue" : words.listed,
      ]
    }
  }
}
