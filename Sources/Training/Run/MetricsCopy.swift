internal import Support

/// A run's metrics in another format, written as the run goes.
///
/// It follows from `metrics.jsonl` alone: a resumed run makes it anew from the lines that it keeps.
protocol MetricsCopy: AnyObject {
  /// Adds a record; it is kept where the disk does not take it.
  func append(_ record: MetricsRecord)
  /// Writes what is not written yet.
  func write() throws(FileError)
}
