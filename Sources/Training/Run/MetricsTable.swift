internal import Support

/// A run's `metrics.csv`: a column for each name, empty where a line of the log lacks it.
final class MetricsTable: MetricsCopy {
  private let path: String
  private let log: String
  private var columns: [String]
  private var file: GrowingFile

  /// The table of the records so far.
  ///
  /// - Parameter log: the path of the log.
  /// - Throws: `FileError` if it cannot be written.
  init(_ path: String, of log: String, _ records: [MetricsRecord]) throws(FileError) {
    (self.path, self.log) = (path, log)
    columns = Self.columns(of: records)
    file = try GrowingFile(path, holding: Self.bytes(of: records, columns))
  }

  /// A name that no record had before makes the table anew, with a column more.
  func append(_ record: MetricsRecord) {
    guard record.values.keys.allSatisfy(columns.contains) else {
      var records = (try? MetricsLog.records(in: log)) ?? []
      // A full disk did not take its line.
      if records.last?.line != record.line { records.append(record) }
      let all = Self.columns(of: records)
      if let new = try? GrowingFile(path, holding: Self.bytes(of: records, all)) { (file, columns) = (new, all) }
      return
    }
    file.append(Array(CSVText(header: Self.fields(of: record, columns)).text.utf8))
  }

  func write() throws(FileError) { try file.write() }

  /// The names of records without the step, the epoch first.
  private static func columns(of records: [MetricsRecord]) -> [String] {
    let names = records.reduce(into: Set<String>()) { $0.formUnion($1.values.keys) }
    return (names.contains("epoch") ? ["epoch"] : []) + names.subtracting(["epoch"]).sorted()
  }

  private static func bytes(of records: [MetricsRecord], _ columns: [String]) -> [UInt8] {
    var table = CSVText(header: ["step"] + columns)
    for record in records { table.add(fields(of: record, columns)) }
    return Array(table.text.utf8)
  }

  private static func fields(of record: MetricsRecord, _ columns: [String]) -> [String] {
    ["\(record.step)"]
      + columns.map { name in
        guard let value = record.values[name], value.isFinite else { return "" }
        return Int(exactly: value).map { "\($0)" } ?? "\(value)"
      }
  }
}
