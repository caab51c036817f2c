internal import Serialization
internal import Support

/// A run's event file for TensorBoard.
final class EventLog: MetricsCopy {
  private let file: GrowingFile

  /// The file of the records so far.
  /// - Throws: `FileError` if it cannot be written.
  init(_ path: String, _ records: [MetricsRecord]) throws(FileError) {
    let events = records.flatMap { EventFile.event(step: $0.step, values: $0.values) }
    file = try GrowingFile(path, holding: EventFile.header + events)
  }

  func append(_ record: MetricsRecord) { file.append(EventFile.event(step: record.step, values: record.values)) }
  func write() throws(FileError) { try file.write() }
}
