import ArgumentParser
import Studies
import Support
import Training

extension StudyCommand {
  struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Show the directory and progress of each run.")
    @OptionGroup var options: StudyOptions

    func run() throws {
      let status = StudyStatus(try StudyProgress(reading: options.plan()))
      let header = [
        "run", "arm", "regime", "source", "target", "seed", "learning rate", "fold", "validation", "test", "state",
      ]
      print(TextTable(header: header, rows: status.rows.map(Self.words), leading: 5).text, terminator: "")
      if status.waiting > 0 {
        print("\(status.waiting) more cells wait for a learning rate or for weights that others choose")
      }
    }

    private static func words(_ row: StudyStatus.Row) -> [String] {
      func percent(_ share: Double?) -> String { share.map { (100 * $0).formatted(digits: 1) } ?? "–" }
      /// Accuracy in percent, another metric by its name.
      func validation(_ row: StudyStatus.Row) -> String {
        guard let value = row.validation, row.metric.name != "accuracy" else { return percent(row.validation) }
        return "\(row.metric.name) \(row.metric.text(of: value))"
      }
      return [
        row.run, row.arm, row.regime?.rawValue ?? "source",
        row.source ?? (row.regime == nil ? "" : "scratch"), row.target, "\(row.seed)",
        row.learningRate.map { "\($0)" } ?? "–", row.fold.map(String.init) ?? "–", validation(row),
        percent(row.testAccuracy), words(row.state),
      ]
    }

    private static func words(_ state: StudyStatus.State) -> String {
      switch state {
      case .toDo: "to do"
      case .begun: "started"
      case .finished: "finished"
      case .diverged(let step): "diverged at step \(step)"
      case .failed(let reason): "failed: \(reason)"
      }
    }
  }
}
