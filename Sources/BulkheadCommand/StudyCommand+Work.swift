import ArgumentParser
import Studies

extension StudyCommand {
  struct Work: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Do one task of a study, as the script of study submit does.",
      discussion: """
        A task of sources or runs takes jobs, its own share first, until other tasks do all that is left. A job that \
        failed since the study was submitted is not tried again.
        """)
    @OptionGroup var options: StudyOptions
    @Option(help: "The phase.") var phase: StudyPhase
    @Option(help: ArgumentHelp("The task's number among the tasks of the phase.", valueName: "i/n"))
    var shard: Shard

    func validate() throws {
      guard phase.isShared || shard.count == 1 else {
        throw ValidationError("--phase \(phase.rawValue) has one task: --shard 1/1")
      }
    }

    func run() throws {
      // A task of a shared phase has one core.
      let plan = try options.plan(workers: phase.isShared ? 1 : nil)
      try options.driver(plan, shard: shard).run(phase) { try options.publish($0) }
    }
  }
}

extension StudyPhase: ExpressibleByArgument {}
