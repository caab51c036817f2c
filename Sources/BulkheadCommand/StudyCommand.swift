import ArgumentParser
import Foundation
import Studies
import Support
import Training

/// Experiments of many runs.
struct StudyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "study", abstract: "Run an experiment of many runs, and show what came of it.",
    subcommands: [Run.self, Plan.self, Status.self, Table.self, Report.self, Simulate.self])
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
      for path in study.domains.flatMap({ [$0.source, $0.target] }).compactMap({ $0 }) { try requireInput(path) }
      return try StudyPlan(study, path: file, directory: directory ?? "checkpoints/\(study.name)")
    }
  }
}

extension Shard: ExpressibleByArgument {
  /// From `2/8`.
  public init?(argument: String) {
    let numbers = argument.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard numbers.count == 2, let index = numbers[0], let count = numbers[1] else { return nil }
    self.init(index: index, count: count)
  }
}

extension StudyCommand {
  struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Run what is not done yet, then show the table.",
      discussion: """
        A finished run is never repeated; an interrupted one goes on; a failed one is tried again. Several machines can \
        work on one directory, each with another --shard: it says what a machine begins with, and one that is done with \
        that helps the others.
        """)
    @OptionGroup var options: StudyOptions
    @Option(help: ArgumentHelp("Share the work with others on the same directory.", valueName: "i/n")) var shard: Shard?

    func run() throws {
      let plan = try options.plan
      let directory = RunDirectory(plan.directory)
      let own = shard.map { RunDirectory("\(plan.directory)/shards/\($0.index)-of-\($0.count)") } ?? directory
      try own.createDirectory()
      let lock = try own.lock(for: commandLine)
      defer { _ = lock }
      try whileAlone(in: directory) {
        for dataset in DerivedDataset.all(of: plan.study, in: plan.directory) {
          var bar: ProgressLine?
          let isNew = try dataset.derive { done, total in
            if bar == nil { bar = ProgressLine(dataset.domain, total: total, startedAt: done, unit: "images") }
            bar?.update(done: done)
          }
          if isNew { standardError("\(dataset.path): made for \(dataset.domain)\n") }
        }
      }
      let failures = try work(on: plan)
      try whileAlone(in: directory) { try finish(plan, failures) }
    }

    /// What is not a run's own is written by one shard at a time.
    private func whileAlone(in directory: RunDirectory, _ body: () throws -> Void) throws {
      guard shard != nil else { return try body() }
      let lock = try directory.lock(for: commandLine, patience: 600)
      defer { _ = lock }
      try body()
    }

    private func finish(_ plan: StudyPlan, _ failures: [StudyRunner.Failure]) throws {
      var progress = StudyProgress(plan)
      var record = StudyRecord(progress)
      try StudyCommand.measureMovements(&record)
      let analysis = StudyAnalysis(try StudyCommand.results(&progress))
      var report = StudyReport(progress, analysis: analysis)
      let page = try report.write(from: options.file)
      print(analysis.text)
      print(
        """
        The report: \(page)
        Each run lies under \(plan.directory), named in \(plan.directory)/results.csv. To look further:
          bulkhead inspect \(plan.directory)/RUN/best.h5
          bulkhead study status \(options.file)
        """)
      for failure in failures { standardError("failed: \(failure.job.name): \(failure.reason)\n") }
      if let first = failures.first { throw StudyError.failed(count: failures.count, first: first.reason) }
      try record.removeSpentCheckpoints()
    }

    private func work(on plan: StudyPlan) throws -> [StudyRunner.Failure] {
      var runner = StudyRunner(plan, executable: Bundle.main.executablePath ?? CommandLine.arguments[0], shard: shard)
      var bar: ProgressLine?
      var done = 0
      let failures = try runner.run { status in
        let share = status.work > 0 ? status.doneWork / status.work : 0
        if bar == nil {
          bar = ProgressLine("study", total: status.jobs, startedAt: status.done, startShare: share, unit: "jobs")
        }
        bar?.total = status.jobs  // a search that goes on adds to them
        bar?.update(done: status.done, share: share, note: "\(status.running) running, \(status.failed) failed")
        done = status.done
      }
      bar?.finish(done: done, note: "\(failures.count) failed")
      return failures
    }
  }

  struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show each run: where it lies and how far it is.")
    @OptionGroup var options: StudyOptions

    func run() throws {
      let plan = try options.plan
      var progress = StudyProgress(plan)
      var rows: [[String]] = []
      for run in plan.sources {
        rows.append(try row(run, [run.arm, "source", "", plan.domain(ofSourceModel: run) ?? ""], &progress))
      }
      var waiting = 0
      for (index, cell) in plan.cells.enumerated() {
        let question = cell.question
        let words = [question.arm, question.regime.rawValue, question.source ?? "scratch", question.target]
        switch try progress.state(of: index) {
        case .waiting: waiting += 1
        case .searching(let runs): for run in runs { rows.append(try row(run, words, &progress)) }
        case .chosen(let selection): for run in selection.runs { rows.append(try row(run, words, &progress)) }
        }
      }
      let header = ["run", "arm", "regime", "source", "target", "seed", "rate", "fold", "validation", "test", "state"]
      print(TextTable(header: header, rows: rows, leading: 5).text, terminator: "")
      if waiting > 0 { print("\(waiting) more cells wait for a rate or for weights that others choose") }
    }

    private func row(_ run: PlannedRun, _ words: [String], _ progress: inout StudyProgress) throws -> [String] {
      func percent(_ share: Double?) -> String { share.map { (100 * $0).formatted(digits: 1) } ?? "–" }
      let result = try progress.result(of: run)
      return [run.directory.name] + words + [
        "\(run.seed)", run.rate.map { "\($0)" } ?? "–", run.fold.map(String.init) ?? "–",
        percent(result?.validation["accuracy"]),
        percent(try progress.testAccuracy(of: run)), StudyCommand.state(of: run.directory, result),
      ]
    }
  }

  private static func state(of run: RunDirectory, _ result: RunResult?) -> String {
    if let reason = try? TextFile.read(run.failure) { return "failed: " + reason.trimmingCharacters(in: .newlines) }
    guard let result else { return run.hasCheckpoint ? "begun" : "to do" }
    return result.divergedAt.map { "diverged at step \($0)" } ?? "finished"
  }

  /// What the runs have come to, with the distances, or a warning: what was trained is worth showing without them.
  private static func results(_ progress: inout StudyProgress) throws -> StudyResults {
    let plan = progress.plan
    let distances = try orWarning("no distances between domains") { try DomainDistances(of: plan) }
    let tasks = try orWarning("no distances between tasks") {
      try withProgress("task distance", unit: "source models") { try TaskDistances(of: &progress, progress: $0) }
    }
    return try StudyResults(&progress, distances: distances, taskDistances: tasks)
  }

  private static func measureMovements(_ record: inout StudyRecord) throws {
    _ = try orWarning("it is not known how far runs moved from their source models") {
      try withProgress("movement", unit: "runs") { try record.writeMovements(progress: $0) }
    }
  }

  /// nil with a warning where a file cannot be used.
  private static func orWarning<Value>(_ what: String, _ body: () throws -> Value) throws -> Value? {
    do { return try body() } catch let error as any CustomStringConvertible & Error
      where error is FileError || error is TrainingError || error is RunError
    {
      standardError("warning: \(what): \(error)\n")
      return nil
    }
  }

  /// Shows how far something is, once it has begun.
  private static func withProgress<Value>(
    _ title: String, unit: String, _ body: ((_ done: Int, _ total: Int) -> Void) throws -> Value
  ) rethrows -> Value {
    var bar: ProgressLine?
    var last = 0
    defer { bar?.finish(done: last) }
    return try body { done, total in
      if bar == nil { bar = ProgressLine(title, total: total, unit: unit) }
      bar?.update(done: done)
      last = done
    }
  }

  struct Table: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show the table of what is done.")
    @OptionGroup var options: StudyOptions

    func run() throws {
      let plan = try options.plan
      var progress = StudyProgress(plan)
      print(StudyAnalysis(try StudyCommand.results(&progress)).text, terminator: "")
    }
  }

  struct Report: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write the report of what is done.",
      discussion: """
        One HTML file that needs no other, results.csv, the numbers of every figure, reproduce.sh, and every run's \
        metrics for TensorBoard.
        """)
    @OptionGroup var options: StudyOptions

    func run() throws {
      let plan = try options.plan
      try RunDirectory(plan.directory).createDirectory()
      var progress = StudyProgress(plan)
      let analysis = StudyAnalysis(try StudyCommand.results(&progress))
      var report = StudyReport(progress, analysis: analysis)
      let page = try report.write(from: options.file)
      print(page)
    }
  }
}
