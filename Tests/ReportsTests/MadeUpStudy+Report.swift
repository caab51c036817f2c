import Reports
import Studies
import StudyTestSupport

extension MadeUpStudy {
  /// Writes the report and gives its page.
  func report() throws -> String {
    var progress = StudyProgress(plan)
    let names = plan.study.domains.map(\.name)
    let tasks = TaskDistances(
      key: "",
      pairs: names.enumerated().flatMap { i, source in
        names.enumerated().map { .init(source: source, target: $1, scores: [-0.2 * Double(abs(i - $0))]) }
      })
    let analysis = StudyAnalysis(try StudyResults(&progress, distances: distances, taskDistances: tasks))
    var report = StudyReport(progress, analysis: analysis)
    return try report.write(from: file)
  }
}
