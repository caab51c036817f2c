import ArgumentParser
import Foundation
import Studies
import Training

/// Experiments of many runs.
struct StudyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "study", abstract: "Run an experiment of many runs, and show what came of it.",
    subcommands: [Run.self, Plan.self, Status.self, Table.self, Simulate.self])
}

/// A study file and where its runs lie.
struct StudyOptions: ParsableArguments {
  @Argument(help: "The study's YAML file.") var file: String
  @Option(help: "Where the runs lie; checkpoints/NAME if left out.") var directory: String?
  @Option(help: "Runs at a time, instead of the file's number.") var workers: Int?

  func validate() throws {
    guard (1...1024).contains(workers ?? 1) else { throw ValidationError("--workers is 1 to 1024") }
  }

  var plan: StudyPlan {
    get throws {
      var study = try Study(path: file)
      if let workers { study.workers = workers }
      return try StudyPlan(study, path: file, directory: directory ?? "checkpoints/\(study.name)")
    }
  }
}

extension StudyCommand {
  struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Run what is not done yet, then show the table.",
      discussion: "A finished run is never repeated; an interrupted one goes on; a failed one is tried again.")
    @OptionGroup var options: StudyOptions

    func run() throws {
      let plan = try options.plan
      for domain in [plan.study.source] + plan.study.targets {
        try requireInput(domain.path)
      }
      try FileManager.default.createDirectory(atPath: plan.directory, withIntermediateDirectories: true)
      let lock = try RunDirectory(plan.directory).lock()
      defer { _ = lock }
      let failures = try work(on: plan)
      try plan.writeTable()
      print(try StudyResults(plan).text)
      print(
        """
        Each run lies under \(plan.directory), named in \(plan.table). To look further:
          bulkhead inspect \(plan.directory)/RUN/best.h5
          bulkhead evaluate \(plan.directory)/RUN --on \(plan.study.source.path)
          bulkhead study status \(options.file)
        """)
      for failure in failures { standardError("failed: \(failure.job.name): \(failure.reason)\n") }
      if let first = failures.first { throw StudyError.failed(count: failures.count, first: first.reason) }
      try plan.removeSpentCheckpoints()
    }

    private func work(on plan: StudyPlan) throws -> [StudyRunner.Failure] {
      var runner = StudyRunner(plan, executable: Bundle.main.executablePath ?? CommandLine.arguments[0])
      var bar: ProgressLine?
      let failures = try runner.run { status in
        let share = status.work > 0 ? status.doneWork / status.work : 0
        if bar == nil {
          bar = ProgressLine("study", total: status.jobs, startedAt: status.done, startShare: share, unit: "jobs")
        }
        bar?.update(done: status.done, share: share, note: "\(status.running) running, \(status.failed) failed")
      }
      bar?.finish(done: plan.jobs.count - failures.count, note: "\(failures.count) failed")
      return failures
    }
  }

  struct Plan: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show what would be run.")
    @OptionGroup var options: StudyOptions

    func run() throws {
      let plan = try options.plan
      let counts = [
        ["source models", "\(plan.sources.count)"],
        ["fine-tuning runs", "\(plan.cells.reduce(0) { $0 + $1.runs.count })"],
        ["of which one in each cell is tested", "\(plan.cells.count)"],
        ["jobs left to do", "\(try plan.jobs.count { try !$0.isDone() })"],
      ]
      print(TextTable(header: ["what", "count"], rows: counts).text, terminator: "")
    }
  }

  struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show each run: where it lies and how far it is.")
    @OptionGroup var options: StudyOptions

    func run() throws {
      let plan = try options.plan
      var rows: [[String]] = []
      for run in plan.sources { rows.append(try row(run, "source", plan.study.source.name)) }
      for cell in plan.cells {
        for run in cell.runs { rows.append(try row(run, cell.start.rawValue, cell.target)) }
      }
      let header = ["run", "arm", "start", "target", "seed", "rate", "validation", "test", "state"]
      print(TextTable(header: header, rows: rows).text, terminator: "")
    }

    private func row(_ run: PlannedRun, _ start: String, _ target: String) throws -> [String] {
      func percent(_ share: Double?) -> String { share.map { (100 * $0).formatted(digits: 1) } ?? "–" }
      let result = try run.directory.loadResult()
      return [
        run.directory.name, run.arm, start, target, "\(run.seed)", run.rate.map { "\($0)" } ?? "–",
        percent(result?.validationAccuracy), percent(try StudyPlan.testAccuracy(of: run)),
        StudyCommand.state(of: run.directory, isFinished: result != nil),
      ]
    }
  }

  private static func state(of run: RunDirectory, isFinished: Bool) -> String {
    if let reason = try? RunDirectory.read(run.failure) { return "failed: " + reason.trimmingCharacters(in: .newlines) }
    return isFinished ? "finished" : run.hasCheckpoint ? "begun" : "to do"
  }

  struct Table: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show the table of what is done.")
    @OptionGroup var options: StudyOptions

    func run() throws {
      let plan = try options.plan
      print(try StudyResults(plan).text, terminator: "")
    }
  }
}
