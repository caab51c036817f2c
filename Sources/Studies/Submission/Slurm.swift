internal import Support

/// Slurm, by the programs that its users have (release 20.11 or later).
struct Slurm {
  private static let advice = "submit on a machine that has Slurm's programs, or use --engine script or local"

  /// Checks that this machine can submit.
  /// - Throws: `FileError` of the kind `missing` without the program sbatch.
  func requirePrograms() throws(FileError) { _ = try ExternalProgram("sbatch", advice: Self.advice) }

  /// Submits a job.
  ///
  /// - Parameters:
  ///   - arguments: options of sbatch, then the script and its arguments.
  /// - Returns: the number of the job.
  /// - Throws: `FileError` with the message of sbatch where it refuses.
  func submit(_ arguments: [String]) throws(FileError) -> String {
    let output = try ExternalProgram("sbatch", advice: Self.advice).output(["--parsable"] + arguments)
    // With several clusters it is "12;cluster".
    let number = output.prefix { $0 != ";" && !$0.isNewline }
    guard Int(number) != nil else {
      throw FileError(what: "it answered \(output)", path: "sbatch", expected: "the number of a job", kind: .system)
    }
    return String(number)
  }

  /// The tasks of jobs: those in the queue, or that left it a short while ago, and from the accounting what else it knows.
  ///
  /// - Returns: also why the accounting says nothing, where it is asked; many clusters have none.
  /// - Throws: `FileError` where squeue is missing, cannot reach the controller, or answers something else.
  func tasks(of jobs: [String]) throws(FileError) -> (tasks: [QueuedTask], silence: String?) {
    guard !jobs.isEmpty else { return ([], nil) }
    let answer = try ExternalProgram("squeue", advice: Self.advice).run([
      "--noheader", "--array", "--states=all", "--format=%i|%T|%r", "--jobs=" + jobs.joined(separator: ","),
    ])
    // Of a single job that left the queue long ago it says this.
    guard answer.status == 0 || answer.message.contains("Invalid job id") else {
      throw FileError(message: "squeue: \(answer.message)", kind: .system)
    }
    let known = try QueuedTask.tasks(ofQueue: answer.output)
    let others = jobs.filter { job in !known.contains { $0.job == job } }
    guard !others.isEmpty, let accounting = try? ExternalProgram("sacct", advice: "") else { return (known, nil) }
    let past = try accounting.run([
      "--noheader", "--parsable2", "--allocations", "--format=JobID,State,ExitCode",
      "--jobs=" + others.joined(separator: ","),
    ])
    guard past.status == 0 else { return (known, past.message) }
    return (known + (try QueuedTask.tasks(ofAccounting: past.output)), nil)
  }

  /// Cancels jobs with all their tasks; those that run get SIGTERM first.
  /// - Throws: `FileError` with the message of scancel.
  func cancel(_ jobs: [String]) throws(FileError) {
    _ = try ExternalProgram("scancel", advice: Self.advice).output(jobs)
  }
}
