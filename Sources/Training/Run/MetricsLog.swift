internal import Foundation
internal import Kernels
internal import Support

/// The metrics of a step or epoch; bitwise reproducible, so nothing here depends on the time.
package struct MetricsRecord: Sendable, Equatable {
  /// Optimizer steps done.
  package var step: Int
  /// Numbers by name; those that are not finite are written as `null`.
  package var values: [String: Double]

  /// A record of values measured after a step.
  package init(step: Int, values: [String: Double]) { (self.step, self.values) = (step, values) }

  /// Whether an epoch ended with the step; its line comes after the step's own.
  private var endsEpoch: Bool { values["epoch"] != nil }

  /// Whether it may come after another in a log.
  func follows(_ other: MetricsRecord) -> Bool {
    step > other.step || step == other.step && endsEpoch && !other.endsEpoch
  }

  /// A JSON object with sorted keys, without its line feed.
  package var line: String {
    var fields = values.mapValues { $0.isFinite ? "\($0)" : "null" }
    fields["step"] = "\(step)"
    return "{" + fields.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
  }

  /// Reads a line; nil if it is not whole.
  package init?(line: Substring) {
    guard let fields = try? JSONDecoder().decode([String: Double?].self, from: Data(line.utf8)),
      let number = fields["step"] ?? nil, let step = Int(exactly: number)
    else { return nil }
    self.step = step
    values = fields.filter { $0.key != "step" }.mapValues { $0 ?? .nan }
  }
}

/// A run's `metrics.jsonl`: one record per line, ordered by step, each step exactly once.
package final class MetricsLog {
  /// The extent of a log at a checkpoint, so that later lines are cut off and missing ones noticed.
  package struct Extent: Codable, Sendable, Equatable {
    /// The number of bytes.
    package var bytes = 0
    /// The CRC-32 of these bytes.
    package var crc32: UInt32 = 0

    /// The extent of an empty log.
    package init() {}

    /// This and a line after it.
    func adding(_ line: [UInt8]) -> Extent {
      var result = self
      result.bytes += line.count
      result.crc32 = CRC32(of: line, from: crc32).value
      return result
    }
  }

  /// The extent of the log, including lines that a full disk did not take yet.
  package private(set) var extent: Extent
  /// Nil where another process writes it.
  private let file: GrowingFile?
  /// Files with the same metrics in other formats.
  var copies: [any MetricsCopy] = []

  /// Opens the log and cuts it back to an extent.
  ///
  /// - Throws: `TrainingError` if it does not begin with the extent's bytes, `FileError` if it cannot be written.
  package init(path: String, keeping extent: Extent) throws {
    self.extent = extent
    if extent == Extent(), !FileManager.default.fileExists(atPath: path) { try TextFile.write("", to: path) }
    try Self.verify(path, begins: extent)
    file = try GrowingFile(path, keeping: extent.bytes)
  }

  /// A log that another process writes.
  init(elsewhere extent: Extent) { (self.extent, file) = (extent, nil) }

  /// Adds a line, here and to the copies; it is kept where the disk does not take it.
  package func append(_ record: MetricsRecord) {
    let line = Array((record.line + "\n").utf8)
    extent = extent.adding(line)
    file?.append(line)
    for copy in copies { copy.append(record) }
  }

  /// Writes what is not written yet.
  ///
  /// - Throws: `FileError` if the disk does not take it; it is kept for another time.
  package func write() throws { try file?.write() }

  /// Returns once a log is on the disk; to be called before a checkpoint that knows of it is.
  static func flush(_ path: String) throws {
    try FileSystem.attempt("flush", path) {
      let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
      defer { try? handle.close() }
      try handle.synchronize()
    }
  }

  /// Throws `TrainingError` unless a log begins with an extent's bytes.
  static func verify(_ path: String, begins extent: Extent) throws {
    guard extent.bytes > 0 else { return }
    let found = try prefix(of: path, upTo: extent.bytes)
    guard found == extent else {
      let reason =
        found.bytes < extent.bytes
        ? "it holds \(found.bytes) bytes, and \(extent.bytes) were written before the checkpoint"
        : "its first \(extent.bytes) bytes are not those that were written before the checkpoint"
      throw TrainingError("\(path): \(reason): lines are missing or were changed; restore it from a copy")
    }
  }

  private static func prefix(of path: String, upTo count: Int) throws -> Extent {
    guard FileManager.default.fileExists(atPath: path) else { throw FileError.missing(path) }
    return try FileSystem.attempt("read", path) {
      let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
      defer { try? handle.close() }
      var extent = Extent()
      while extent.bytes < count,
        let block = try handle.read(upToCount: min(1 << 20, count - extent.bytes)), !block.isEmpty
      {
        extent = extent.adding(Array(block))
      }
      return extent
    }
  }

  /// The records of a log; a last line cut off in the middle is left out.
  ///
  /// - Throws: `FileError` for any other line that is not a record, and for one out of order.
  package static func records(in path: String) throws -> [MetricsRecord] {
    var records: [MetricsRecord] = []
    for line in try TextFile.read(path).split(separator: "\n", omittingEmptySubsequences: false).dropLast() {
      guard let record = MetricsRecord(line: line), records.last.map(record.follows) ?? true else {
        throw FileError(
          what: "line \(records.count + 1) is not a record, or does not come after the one before it", path: path)
      }
      records.append(record)
    }
    return records
  }
}
