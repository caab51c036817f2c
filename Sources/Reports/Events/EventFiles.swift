internal import Foundation
internal import Serialization
internal import Studies
internal import Support
internal import Training

/// The metrics of every finished run of a study for TensorBoard, in directories named by the runs' domains and arms.
struct EventFiles {
  let progress: StudyProgress

  /// - Throws: `FileError` where a log is damaged or a file cannot be written.
  func write(into directory: RunDirectory) throws {
    for entry in progress.entries {
      let words: [String]
      switch entry {
      case .source(let run, let domain): words = ["source", domain, run.arm]
      case .cell(let cell, _):
        let question = cell.question
        words = [question.source ?? "scratch", question.target, "\(question.arm)-\(question.regime.rawValue)"]
      }
      for run in entry.runs where progress.result(of: run) != nil {
        guard FileManager.default.fileExists(atPath: run.directory.metrics) else { continue }
        let place = (words.map(Markup.fileName) + [run.directory.name]).joined(separator: "/")
        let records = try MetricsLog.records(in: run.directory.metrics)
        let bytes = EventFile.header + records.flatMap { EventFile.event(step: $0.step, values: $0.values) }
        // TensorBoard expects a directory per run.
        let target = RunDirectory(directory.file(place))
        try target.createDirectory()
        try TextFile.write(bytes, to: target.file(EventFile.name))
      }
    }
  }
}
