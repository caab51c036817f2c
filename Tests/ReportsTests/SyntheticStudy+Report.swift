import Reports
import Studies
import StudyTestSupport

extension SyntheticStudy {
  /// Writes the report and gives its page.
  func report() throws -> String {
    let names = plan.study.domains.map(\.name)
    let tasks = TaskDistances(
      key: "",
      pairs: names.enumerated().flatMap { i, source in
        names.enumerated().map { .init(source: source, target: $1, scores: [-0.2 * Double(abs(i - $0))]) }
      })
    let findings = StudyFindings(try StudyProgress(reading: plan), distances: distances, taskDistances: tasks)
    return try StudyReport(findings).write(from: file)
  }
}
