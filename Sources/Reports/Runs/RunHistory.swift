internal import Foundation
internal import Support
internal import Training

/// What a run's directory tells without its weights: configuration, log and result.
struct RunHistory {
  let run: RunDirectory
  let configuration: Configuration
  /// The log's lines so far.
  let records: [MetricsRecord]
  /// nil until the run has ended.
  let result: RunResult?

  /// - Throws: `FileError` where there is no run or a file is damaged, `YAMLError` for a damaged configuration.
  init(_ run: RunDirectory) throws {
    self.run = run
    try Self.requireRun(run)
    configuration = try run.loadConfiguration()
    records = FileSystem.exists(run.metrics) ? try MetricsLog.records(in: run.metrics) : []
    result = try run.loadResult()
  }

  /// - Throws: `FileError` unless a run was begun in the directory.
  static func requireRun(_ run: RunDirectory) throws(FileError) {
    guard run.hasConfiguration else {
      throw FileError(
        what: "there is no run here", path: run.path, expected: "a run's directory, with its configuration.yaml",
        action: "name the directory that train wrote", kind: .missing)
    }
  }

  /// The lines that end an epoch.
  var epochs: [MetricsRecord] { records.filter { $0.values["epoch"] != nil } }
  /// The lines of single steps.
  var steps: [MetricsRecord] { records.filter { $0.values["epoch"] == nil } }
  private var epoch: Int { epochs.last?.values["epoch"].flatMap { Int(exactly: $0) } ?? 0 }

  /// How far the run is, in words.
  var state: String {
    let all = configuration.epochs
    if let step = result?.divergedAt { return "diverged at step \(step), in epoch \(epoch + 1) of \(all)" }
    guard let result else { return "not finished: \(epoch) of \(all) epochs so far" }
    return result.epochs < all
      ? "ended early after \(result.epochs) of \(all) epochs, as the last \(configuration.patience ?? 0) brought no "
        + "improvement"
      : "finished after \(result.epochs) epochs"
  }

  /// The files whose change changes the page, each with its size and time; equal values, equal page.
  static func signature(of run: RunDirectory) -> [String] {
    [run.configuration, run.metrics, run.best, run.last, run.result].map(Self.signature)
  }

  /// The size and the time of a file's last change; empty where there is none.
  static func signature(_ path: String) -> String {
    guard let values = try? FileManager.default.attributesOfItem(atPath: path) else { return "" }
    let time = (values[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
    return "\(values[.size] ?? 0) \(values[.systemFileNumber] ?? 0) \(time)"
  }
}
