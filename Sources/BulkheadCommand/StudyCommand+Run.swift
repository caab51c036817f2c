import ArgumentParser
import Reports
import Studies

extension StudyCommand {
  struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Run the remaining work, then show the results.",
      discussion: """
        A finished run is never repeated; an interrupted one resumes; a failed one is retried. Several machines can share \
        one directory, each with another --shard: it selects the runs that a machine does first; then it helps the \
        others.
        """)
    @OptionGroup var options: StudyOptions
    @OptionGroup var concurrency: StudyWorkers
    @Option(
      help: ArgumentHelp(
        "The part of the work to do first if several machines share the directory (default: all).", valueName: "i/n"))
    var shard: Shard?

    func run() throws {
      let plan = try options.plan(workers: concurrency.workers)
      try options.driver(plan, shard: shard).run { try options.publish($0) }
    }
  }

  struct Table: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show the results so far.")
    @OptionGroup var options: StudyOptions

    func run() throws {
      print(try options.driver(options.plan()).findings().analysis.text, terminator: "")
    }
  }

  struct Report: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Write the report of the results so far.",
      discussion: """
        One self-contained HTML file, results.csv, the numbers of every figure, reproduce.sh, and every run's \
        metrics for TensorBoard.
        """)
    @OptionGroup var options: StudyOptions

    func run() throws {
      print(try StudyReport(options.driver(options.plan()).findings()).write(from: options.file))
    }
  }
}

extension StudyOptions {
  /// Writes the report of findings, and prints the answer, what to do, and where to look further.
  func publish(_ findings: StudyFindings) throws {
    let page = try StudyReport(findings).write(from: file)
    print(findings.analysis.summary)
    let place = directory.map { " --directory \($0)" } ?? ""
    print(
      """
      Where to look further:
        \(page)   figures, claims and the method
        bulkhead study table \(study)\(place)   every mean and interval
        \(findings.plan.directory)/results.csv   every run
      """)
  }
}
