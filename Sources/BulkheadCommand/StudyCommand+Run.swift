import ArgumentParser
import Reports
import Studies

extension StudyCommand {
  struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Run what is not done yet, then show the table.",
      discussion: """
        A finished run is never repeated; an interrupted one resumes; a failed one is tried again. Several machines can \
        work on one directory, each with another --shard: it says what a machine begins with, and one that is done with \
        that helps the others.
        """)
    @OptionGroup var options: StudyOptions
    @Option(help: ArgumentHelp("Share the work with others on the same directory.", valueName: "i/n")) var shard: Shard?

    func run() throws {
      let plan = try options.plan
      try options.driver(plan, shard: shard).run { findings in
        let page = try StudyReport(findings).write(from: options.file)
        print(findings.analysis.text)
        print(
          """
          The report: \(page)
          Each run lies under \(plan.directory), named in \(plan.directory)/results.csv. To look further:
            bulkhead inspect \(plan.directory)/RUN/best.h5
            bulkhead study status \(options.file)
          """)
      }
    }
  }

  struct Table: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show the table of what is done.")
    @OptionGroup var options: StudyOptions

    func run() throws {
      print(try options.driver(options.plan).findings().analysis.text, terminator: "")
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
      print(try StudyReport(options.driver(options.plan).findings()).write(from: options.file))
    }
  }
}
