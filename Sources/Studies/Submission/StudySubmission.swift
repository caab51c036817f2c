internal import Foundation
package import Support
internal import Training

/// Hands what is left of a study to a scheduler, or writes the script that does it.
package struct StudySubmission {
  /// What the user asks of Slurm.
  package struct Resources: Sendable, Equatable {
    /// Slurm's longest time for a task, such as `2:00:00`; nil is the partition's.
    package var time: String?
    /// The partition; nil is Slurm's default.
    package var partition: String?
    /// The account that pays; nil is the user's default.
    package var account: String?
    /// Memory of a task, such as `4G`; nil is the partition's.
    package var memory: String?
    /// Further options of sbatch, such as `--constraint=avx512`.
    package var options: [String] = []

    /// Slurm's defaults.
    package init() {}

    /// Checks that a task gets anywhere before it is warned; a text that is no time is left for Slurm to refuse.
    func requireTime() throws(FileError) {
      guard let time, let seconds = Self.seconds(of: time), seconds < StudySubmission.shortest else { return }
      throw FileError(
        what: "\(seconds) seconds are too short, as each task is warned \(StudySubmission.warning) seconds before",
        path: "--time \(time)",
        expected: "at least 10 minutes, such as 0:10:00")
    }

    /// Seconds of `minutes`, `minutes:seconds`, `hours:minutes:seconds`, or `days-hours` with `:minutes:seconds`, by sbatch(1).
    package static func seconds(of time: String) -> Int? {
      let parts = time.split(separator: "-", omittingEmptySubsequences: false)
      let numbers = parts.last?.split(separator: ":", omittingEmptySubsequences: false).map { Int($0) } ?? []
      let fields = numbers.compactMap { $0.flatMap { (0...1_000_000).contains($0) ? $0 : nil } }
      guard fields.count == numbers.count, (1...3).contains(fields.count) else { return nil }
      switch parts.count {
      case 1: return zip(fields, fields.count == 3 ? [3600, 60, 1] : [60, 1]).reduce(0) { $0 + $1.0 * $1.1 }
      case 2:
        guard let days = Int(parts[0]), (0...1_000_000).contains(days) else { return nil }
        return zip([days] + fields, [86_400, 3600, 60, 1]).reduce(0) { $0 + $1.0 * $1.1 }
      default: return nil
      }
    }

    var arguments: [String] {
      let named = [("time", time), ("partition", partition), ("account", account), ("mem", memory)]
      return named.compactMap { name, value in value.map { "--\(name)=\($0)" } } + options
    }
  }

  /// Seconds before its time limit that Slurm warns a task, which then saves its state and goes back to the queue.
  static let warning = 120
  /// Slurm's clock may be a minute early; a task must get somewhere before.
  static let shortest = 600

  private let plan: StudyPlan
  private let file: String

  /// - Parameter file: the study's file, as it was named.
  package init(_ plan: StudyPlan, file: String) { (self.plan, self.file) = (plan, file) }

  /// Submits what is not done, or writes its script.
  ///
  /// Notes of earlier failures are removed, so that failed runs are tried again.
  /// - Parameters:
  ///   - tasks: the most tasks of a phase.
  ///   - executable: the path of `bulkhead` for all machines.
  /// - Returns: what was submitted, and where its script is.
  /// - Throws: `FileError` of the kind `locked` where the study runs or is in the queue, `system` with Slurm's message where it
  ///   refuses (nothing is left in the queue), `missing` where Slurm's programs are.
  package func submit(
    to engine: Submission.Engine, tasks: Int, executable: String, resources: Resources = Resources()
  ) throws -> (Submission, SubmissionDirectory) {
    if engine == .slurm {
      try Slurm().requirePrograms()
      try resources.requireTime()
    }
    let study = RunDirectory(plan.directory)
    try study.createDirectory()
    let lock = try study.lock(for: "bulkhead study submit")
    defer { _ = lock }
    // Where a script is wanted, Slurm's programs may be missing.
    let before = engine == .slurm ? try StudyQueue(of: plan) : try? StudyQueue(of: plan)
    if let queue = before, !queue.active.isEmpty {
      let jobs = queue.active.compactMap(\.identifier).joined(separator: ", ")
      throw FileError(
        message:
          "\(plan.directory): it is in Slurm's queue already, as \(jobs); see bulkhead study status \(file), or end it "
          + "with bulkhead study cancel \(file)", kind: .locked)
    }
    let progress = try StudyProgress(reading: plan)
    for run in progress.runs { try run.directory.forgetFailure() }
    var submission = Submission(engine: engine, jobs: Self.jobs(progress, tasks: tasks))
    let place = SubmissionDirectory.next(of: plan)
    try RunDirectory(place.path).createDirectory()
    let script = SubmissionScript(
      name: plan.study.name, folder: FileManager.default.currentDirectoryPath, executable: executable, file: file,
      directory: plan.directory, submission: submission)
    try TextFile.write(script.text, to: place.script)
    try FileSystem.attempt("make it executable", place.script) {
      try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: place.script)
    }
    if engine == .slurm { try submit(&submission, place, resources) }
    do { try place.write(submission) } catch {
      try? Slurm().cancel(submission.identifiers.reversed())
      throw error
    }
    return (submission, place)
  }

  /// Cancels what is in the queue; tasks that run save their state.
  ///
  /// - Returns: the jobs that were cancelled; none where nothing is in the queue.
  /// - Throws: `FileError` of the kind `missing` where nothing was submitted to Slurm, or as Slurm fails.
  package func cancel() throws(FileError) -> [Submission.Job] {
    guard let queue = try StudyQueue(of: plan) else {
      throw FileError(
        what: "nothing of it was submitted to Slurm", path: plan.directory,
        action: "tasks of a script are ended where they were started", kind: .missing)
    }
    let jobs = queue.active
    // Those that depend on others first, so that none begins.
    if !jobs.isEmpty { try Slurm().cancel(jobs.compactMap(\.identifier).reversed()) }
    return jobs
  }

  /// The phases that have something to do, each with as many tasks as it has jobs, but not more than `tasks`.
  package static func jobs(_ progress: StudyProgress, tasks: Int) -> [Submission.Job] {
    let plan = progress.plan
    let open = progress.jobs.open
    let sources = open.count { StudyPhase.sources.includes($0) }
    let runs = open.count - sources + progress.jobsToCome.reduce(0) { $0 + $1.jobs }
    var jobs: [Submission.Job] = []
    if plan.datasets.contains(where: \.isToMake) { jobs.append(.init(phase: .prepare, tasks: 1)) }
    if sources > 0 { jobs.append(.init(phase: .sources, tasks: min(tasks, sources))) }
    if runs > 0 { jobs.append(.init(phase: .runs, tasks: min(tasks, runs))) }
    return jobs + [.init(phase: .report, tasks: 1)]
  }

  /// - Throws: `FileError` where Slurm refuses a job; those before it are cancelled.
  private func submit(
    _ submission: inout Submission, _ place: SubmissionDirectory, _ resources: Resources
  ) throws(FileError) {
    let folder = URL(fileURLWithPath: place.path).standardizedFileURL.path
    for index in submission.jobs.indices {
      let before = index > 0 ? submission.jobs[index - 1].identifier : nil
      do {
        submission.jobs[index].identifier = try Slurm().submit(
          Self.arguments(
            submission.jobs[index], of: plan.study, after: before, in: folder, resources: resources))
      } catch {
        let begun = submission.identifiers
        if !begun.isEmpty { try? Slurm().cancel(begun.reversed()) }
        throw error
      }
    }
  }

  /// The arguments of sbatch for a phase.
  package static func arguments(
    _ job: Submission.Job, of study: Study, after before: String?, in folder: String, resources: Resources
  ) -> [String] {
    // In file names for output % begins a symbol.
    let log = folder.replacing("%", with: "%%") + "/\(job.phase.rawValue)" + (job.phase.isShared ? "-%a" : "") + ".log"
    var arguments = [
      "--job-name=\(study.name)-\(job.phase.rawValue)", "--ntasks=1",
      "--cpus-per-task=\(job.phase.isShared ? 1 : study.workers)", "--requeue", "--open-mode=append",
      "--signal=TERM@\(warning)", "--output=\(log)",
    ]
    if job.phase.isShared { arguments.append("--array=1-\(job.tasks)") }
    // Others go on where some failed; the report names what is left.
    if let before { arguments += ["--dependency=afterany:\(before)", "--kill-on-invalid-dep=yes"] }
    return arguments + resources.arguments + [folder + "/study.sh", job.phase.rawValue]
  }
}
