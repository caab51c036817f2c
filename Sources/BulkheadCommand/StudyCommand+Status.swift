import ArgumentParser
import Studies
import Support
import Training

extension StudyCommand {
  struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "Show the directory and progress of each run, and its place in the queue.")
    @OptionGroup var options: StudyOptions

    func run() throws {
      let plan = try options.plan()
      let status = StudyStatus(try StudyProgress(reading: plan))
      let queue = queue(of: plan)
      var header = [
        "run", "arm", "regime", "source", "target", "seed", "learning rate", "fold", "validation", "test", "state",
      ]
      if queue != nil { header.append("queue") }
      let rows = status.rows.map { row in Self.words(row) + (queue.map { [$0.state(of: row)] } ?? []) }
      print(TextTable(header: header, rows: rows, leading: 5).text, terminator: "")
      if status.waiting > 0 {
        print("\(status.waiting) more cells wait for a learning rate or for weights that others choose")
      }
      guard let queue else { return }
      print("\n" + TextTable(header: ["phase", "job", "tasks", "queue"], rows: queue.summary).text, terminator: "")
      if let silence = queue.silence { standardError("jobs that have left the queue are not shown: \(silence)\n") }
    }

    /// The queue, if the study was submitted to one; where that cannot be asked, a warning says why.
    private func queue(of plan: StudyPlan) -> StudyQueue? {
      do { return try StudyQueue(of: plan) } catch {
        standardError("warning: the queue is not shown: \(error)\n")
        return nil
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
