internal import Studies

/// Runs on the machines of a cluster.
extension TransferStudy {
  /// Who starts the tasks of a submitted study.
  public enum Engine: String, Sendable, CaseIterable {
    /// Slurm, whose programs are on this machine.
    case slurm
    /// Another scheduler, or a person, by a script for `sh`.
    case script
  }

  /// What is asked of Slurm for each task.
  public struct SlurmResources: Sendable, Equatable {
    /// The longest time, such as `2:00:00`; nil is the partition's.
    public var time: String?
    /// The partition; nil is Slurm's default.
    public var partition: String?
    /// The account; nil is the user's default.
    public var account: String?
    /// The memory, such as `4G`; nil is the partition's.
    public var memory: String?
    /// Further options of sbatch.
    public var options: [String] = []

    /// Slurm's defaults.
    public init() {}
  }

  /// A phase of a submitted study.
  public struct SubmittedPhase: Sendable, Equatable {
    /// `prepare`, `sources`, `runs` or `report`.
    public let name: String
    /// The number of tasks.
    public let tasks: Int
    /// Slurm's number of the job; nil for a script.
    public let job: String?
  }

  /// A task as Slurm sees it.
  public struct QueuedTask: Sendable, Equatable {
    /// The job, and in an array the task, such as `12_3`.
    public let name: String
    /// Slurm's word, such as `PENDING`.
    public let state: String
    /// Why it waits or how it ended; nil where Slurm says nothing.
    public let reason: String?
    /// Whether it is in the queue still.
    public let isActive: Bool
  }

  /// Submits what is not done, or writes the script that does it.
  ///
  /// - Parameters:
  ///   - engine: who starts the tasks.
  ///   - tasks: the most tasks of a phase at the same time, each with one run at a time.
  ///   - executable: the path of the program `bulkhead` of the same version, for all machines.
  ///   - resources: what each task asks Slurm for; without effect on a script.
  /// - Returns: the phases that have something to do, and the path of the script.
  /// - Throws: ``BulkheadError``: `locked` where the study runs or is in the queue, `missing` without Slurm's programs,
  ///   `system` where Slurm refuses.
  @discardableResult
  public func submit(
    to engine: Engine, tasks: Int, executable: String, resources: SlurmResources = SlurmResources()
  ) throws(BulkheadError) -> (phases: [SubmittedPhase], script: String) {
    guard (1...100_000).contains(tasks) else {
      throw BulkheadError(.invalid, "\(tasks) tasks; expected 1 to 100000")
    }
    return try translatingErrors {
      var asked = StudySubmission.Resources()
      (asked.time, asked.partition, asked.account) = (resources.time, resources.partition, resources.account)
      (asked.memory, asked.options) = (resources.memory, resources.options)
      let (submission, place) = try StudySubmission(plan, file: path).submit(
        to: engine == .slurm ? .slurm : .script, tasks: tasks, executable: executable, resources: asked)
      return (submission.jobs.map { SubmittedPhase($0) }, place.script)
    }
  }

  /// The tasks of the newest submission as Slurm sees them; empty where nothing was submitted to it.
  ///
  /// - Throws: ``BulkheadError`` of the kind `missing` without Slurm's programs, `system` where it does not answer.
  public func queue() throws(BulkheadError) -> [QueuedTask] {
    try translatingErrors {
      (try StudyQueue(of: plan)?.tasks ?? []).map {
        QueuedTask(name: $0.name, state: $0.state, reason: $0.reason, isActive: $0.isActive)
      }
    }
  }

  /// Cancels what is in Slurm's queue; tasks that run save their state.
  ///
  /// - Returns: the phases that were cancelled.
  /// - Throws: ``BulkheadError`` of the kind `missing` where nothing was submitted to Slurm, `system` where it fails.
  @discardableResult
  public func cancel() throws(BulkheadError) -> [SubmittedPhase] {
    try translatingErrors { try StudySubmission(plan, file: path).cancel().map { SubmittedPhase($0) } }
  }
}

extension TransferStudy.SubmittedPhase {
  fileprivate init(_ job: Submission.Job) {
    self.init(name: job.phase.rawValue, tasks: job.tasks, job: job.identifier)
  }
}
