package import Support

/// A task in the queue of a scheduler, or one that has left it.
package struct QueuedTask: Sendable, Equatable {
  /// The number of the job.
  package var job: String
  /// The number of the task in its array; nil for a job that is none.
  package var task: Int?
  /// Slurm's word for its state, such as `PENDING` or `RUNNING`.
  package var state: String
  /// Why it waits or how it ended, in Slurm's words; nil where it says nothing.
  package var reason: String?

  /// A task that is known.
  package init(job: String, task: Int? = nil, state: String, reason: String? = nil) {
    (self.job, self.task, self.state, self.reason) = (job, task, state, reason)
  }

  /// The name that Slurm's programs take and show, such as `12_3`.
  package var name: String { task.map { "\(job)_\($0)" } ?? job }

  /// Whether it is in the queue still: it waits, runs, or comes to its end.
  package var isActive: Bool { !Self.ended.contains(state) }

  /// States of slurm's squeue(1), section "JOB STATE CODES", that no task leaves.
  private static let ended: Set = [
    "BOOT_FAIL", "CANCELLED", "COMPLETED", "DEADLINE", "FAILED", "NODE_FAIL", "OUT_OF_MEMORY", "PREEMPTED", "REVOKED",
    "TIMEOUT",
  ]
}

extension QueuedTask {
  /// What `squeue --noheader --array --format=%i|%T|%r` writes: a line for each task.
  /// - Throws: `FileError` for a line that has no such fields.
  package static func tasks(ofQueue text: String) throws(FileError) -> [QueuedTask] {
    try tasks(text, of: "squeue") { $0 }
  }

  /// What `sacct --noheader --parsable2 --allocations --format=JobID,State,ExitCode` writes: a line for each task that has
  /// begun, one for those of an array that wait.
  /// - Throws: `FileError` for a line that has no such fields.
  package static func tasks(ofAccounting text: String) throws(FileError) -> [QueuedTask] {
    // The exit code and the signal that ended it.
    try tasks(text, of: "sacct") { $0 == "0:0" ? nil : "exit code \($0)" }
  }

  private static func tasks(
    _ text: String, of program: String, reason: (String) -> String?
  ) throws(FileError) -> [QueuedTask] {
    var tasks: [QueuedTask] = []
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: "|", maxSplits: 2, omittingEmptySubsequences: false).map(String.init)
      // "CANCELLED by 1000" names the user.
      let state = fields.count == 3 ? fields[1].split(separator: " ").first.map(String.init) : nil
      guard let state, let (job, numbers) = identifier(fields[0]) else {
        throw FileError(what: "a line that was not expected, \(line)", path: program, expected: "JOB|STATE|REASON")
      }
      let why = ["", "None"].contains(fields[2]) ? nil : reason(fields[2])
      tasks += numbers.map { QueuedTask(job: job, task: $0, state: state, reason: why) }
    }
    return tasks
  }

  /// The job and the numbers in `12`, `12_3` or `12_[1-3,7%2]`; a step such as `12.batch` is none.
  private static func identifier(_ text: String) -> (job: String, tasks: [Int?])? {
    let parts = text.split(separator: "_", maxSplits: 1, omittingEmptySubsequences: false)
    guard let first = parts.first, Int(first) != nil else { return nil }
    guard parts.count == 2 else { return (String(first), [nil]) }
    let list = parts[1].trimmingBrackets.prefix { $0 != "%" }
    var tasks: [Int] = []
    for range in list.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = range.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
      guard (1...2).contains(ends.count), let low = ends[0], let high = ends[ends.count - 1],
        // MaxArraySize of Slurm is at most 4,000,001.
        (0...4_000_000).contains(low), low <= high, high <= 4_000_000, tasks.count + high - low < 4_000_001
      else { return nil }
      tasks += low...high
    }
    return tasks.isEmpty ? nil : (String(first), tasks.map(Optional.some))
  }
}

extension Substring {
  fileprivate var trimmingBrackets: Substring { hasPrefix("[") && hasSuffix("]") ? dropFirst().dropLast() : self }
}
