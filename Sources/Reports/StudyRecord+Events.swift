internal import Foundation
package import Studies
package import Training

extension StudyRecord {
  /// Writes the metrics of every finished run for TensorBoard, into directories that tell what the runs are.
  package mutating func writeEvents(into directory: RunDirectory) throws {
    func add(_ run: PlannedRun, _ words: [String]) throws {
      let place = RunDirectory(
        directory.file((words.map(Markup.fileName) + [run.directory.name]).joined(separator: "/")))
      guard try progress.result(of: run) != nil, FileManager.default.fileExists(atPath: run.directory.metrics) else {
        return
      }
      try EventFile(MetricsLog.records(in: run.directory.metrics)).write(into: place)
    }
    for run in plan.sources { try add(run, ["source", plan.domain(ofSourceModel: run) ?? "", run.arm]) }
    for (index, cell) in plan.cells.enumerated() {
      let question = cell.question
      let words = [question.source ?? "scratch", question.target, "\(question.arm)-\(question.regime.rawValue)"]
      switch try progress.state(of: index) {
      case .waiting: break
      case .searching(let runs): for run in runs { try add(run, words) }
      case .chosen(let selection): for run in selection.runs { try add(run, words) }
      }
    }
  }
}
