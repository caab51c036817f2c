internal import Foundation

/// What was measured after a step; the same run gives the same bytes, so nothing here depends on the time of day.
package struct MetricsRecord: Sendable, Equatable {
  /// Optimizer steps done.
  package var step: Int
  /// Numbers by name; those that are not finite are written as `null`.
  package var values: [String: Double]

  package init(step: Int, values: [String: Double]) { (self.step, self.values) = (step, values) }

  /// A JSON object with sorted keys, without its line feed.
  package var line: String {
    var fields = values.mapValues { $0.isFinite ? "\($0)" : "null" }
    fields["step"] = "\(step)"
    return "{" + fields.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
  }

  /// Reads a line; nil if it is not whole.
  package init?(line: Substring) {
    guard let fields = try? JSONDecoder().decode([String: Double?].self, from: Data(line.utf8)),
      let step = fields["step"] ?? nil
    else { return nil }
    self.step = Int(step)
    values = fields.filter { $0.key != "step" }.mapValues { $0 ?? .nan }
  }
}

/// A run's `metrics.jsonl`: one record a line, in order of steps, each step's lines exactly once.
package final class MetricsLog {
  private let handle: FileHandle
  private let path: String

  /// Opens the log and cuts it back to what was measured up to `step`; 0 begins anew.
  package init(path: String, keepingThrough step: Int) throws {
    self.path = path
    if !FileManager.default.fileExists(atPath: path) { try RunDirectory.write("", to: path) }
    let kept = try Self.lines(of: path).prefix { record, _ in record.step <= step && step > 0 }
    handle = try RunDirectory.attempt("open", path) {
      let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
      try handle.truncate(atOffset: UInt64(kept.reduce(0) { $0 + $1.length }))
      try handle.seekToEnd()
      return handle
    }
  }

  /// Adds a line.
  package func append(_ record: MetricsRecord) throws {
    try RunDirectory.attempt("write", path) { try handle.write(contentsOf: Data((record.line + "\n").utf8)) }
  }

  /// Returns once everything is on the disk; to be called before a checkpoint of the same step is.
  package func flush() throws {
    try RunDirectory.attempt("flush", path) { try handle.synchronize() }
  }

  deinit { try? handle.close() }

  /// The records of a log; a last line cut off in the middle is left out.
  package static func records(in path: String) throws -> [MetricsRecord] {
    try lines(of: path).map(\.record)
  }

  /// Records with their lengths in bytes, up to the first line that is not whole.
  private static func lines(of path: String) throws -> [(record: MetricsRecord, length: Int)] {
    var lines: [(record: MetricsRecord, length: Int)] = []
    for line in try RunDirectory.read(path).split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      guard let record = MetricsRecord(line: line) else { break }
      lines.append((record, line.utf8.count + 1))
    }
    return lines
  }
}
