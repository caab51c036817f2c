import ArgumentParser
import Studies
import Support

extension StudyCommand {
  /// Who does a study's work.
  enum Engine: String, ExpressibleByArgument, CaseIterable { case slurm, script, local }

  struct Submit: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Hand the remaining work to Slurm, write a script for another scheduler, or do it here.",
      discussion: """
        slurm: submits an array over the source models, one over all that is fine-tuned, and the report; each waits for \
        the one before. A task that is preempted, or comes near its time limit, saves its state and goes back to the \
        queue.
        script: writes the same as a script for sh.
        local: does it on this machine, as study run does.
        """)
    @OptionGroup var options: StudyOptions
    @Option(help: "Who does the work.") var engine: Engine
    @Option(
      help: ArgumentHelp(
        "The most tasks at the same time, each with one run at a time on one core (default: the study file's workers).",
        valueName: "n"))
    var array: Int?
    @Option(help: "Slurm's time limit for a task, such as 2:00:00 (default: the partition's).") var time: String?
    @Option(help: "Slurm's partition (default: Slurm's).") var partition: String?
    @Option(help: "Slurm's account (default: the user's).") var account: String?
    @Option(help: "Memory for a task, such as 4G (default: the partition's).") var memory: String?
    @Option(
      name: .customLong("slurm"), parsing: .singleValue,
      help: ArgumentHelp(
        "Another option of sbatch, such as --slurm=--constraint=avx512; may be repeated.", valueName: "option"))
    var slurm: [String] = []

    func validate() throws {
      guard (1...100_000).contains(array ?? 1) else { throw ValidationError("--array is 1 to 100000") }
      if engine == .local, array ?? 1 > 1024 { throw ValidationError("--array is 1 to 1024 on one machine") }
      if let other = slurm.first(where: { !$0.hasPrefix("-") }) {
        throw ValidationError("--slurm \(other): expected an option of sbatch, such as --slurm=--constraint=avx512")
      }
      guard engine != .slurm else { return }
      let given = [("time", time), ("partition", partition), ("account", account), ("memory", memory)]
      let names = given.compactMap { $1 == nil ? nil : "--\($0)" } + (slurm.isEmpty ? [] : ["--slurm"])
      guard names.isEmpty else {
        throw ValidationError("\(names.listed): only with --engine slurm; give it to your scheduler")
      }
    }

    func run() throws {
      let plan = try options.plan(workers: engine == .local ? array : nil)
      let other: Submission.Engine
      switch engine {
      case .local: return try options.driver(plan).run { try options.publish($0) }
      case .slurm: other = .slurm
      case .script: other = .script
      }
      var resources = StudySubmission.Resources()
      (resources.time, resources.partition) = (time, partition)
      (resources.account, resources.memory, resources.options) = (account, memory, slurm)
      let (submission, place) = try StudySubmission(plan, file: options.file).submit(
        to: other, tasks: array ?? plan.study.workers, executable: StudyOptions.executable, resources: resources)
      let rows = submission.jobs.map { [$0.phase.rawValue, "\($0.tasks)", $0.identifier ?? "–"] }
      print(TextTable(header: ["phase", "tasks", "job"], rows: rows).text, terminator: "")
      switch other {
      case .slurm:
        print(
          """
          Messages of the tasks: \(place.path)
            bulkhead study status \(options.file)
            bulkhead study cancel \(options.file)
          """)
      case .script: print("The script, which begins with how to start it: \(place.script)")
      }
    }
  }

  struct Cancel: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Cancel what is in Slurm's queue.",
      discussion: "Runs that are trained save their state; submit the study again to resume them.")
    @OptionGroup var options: StudyOptions

    func run() throws {
      let jobs = try StudySubmission(options.plan(), file: options.file).cancel()
      guard !jobs.isEmpty else { return print("nothing of the study is in the queue") }
      print("cancelled: " + jobs.map { "\($0.phase.rawValue) (job \($0.identifier ?? ""))" }.listed)
    }
  }
}
