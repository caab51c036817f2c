internal import Layers
internal import Serialization
package import Support

/// Files in a run's directory besides checkpoints.
extension RunDirectory {
  /// Creates the directory, unless it exists.
  ///
  /// - Throws: `FileError` if it cannot be made.
  package func createDirectory() throws(FileError) { try FileSystem.createDirectory(path) }

  /// Makes the directory and writes the configuration into it.
  ///
  /// - Throws: `RunError` if there is a run of another configuration already, `FileError` if it cannot be written.
  package func create(for value: Configuration) throws {
    let text = try YAMLText.encode(value)
    if hasConfiguration {
      guard try TextFile.read(configuration) == text else { throw RunError.exists(path: path) }
      return
    }
    try createDirectory()
    try TextFile.write(text, to: configuration)
  }

  /// The configuration that the run was started with.
  ///
  /// - Throws: `FileError` where it is missing, `YAMLError` where it is damaged.
  package func loadConfiguration() throws -> Configuration {
    guard hasConfiguration else { throw FileError.missing(configuration) }
    let decoder = StrictDecoder(source: configuration, userInfo: layers.userInfo)
    return try decoder.decode(Configuration.self, from: TextFile.read(configuration))
  }

  /// The result, if the run is finished.
  ///
  /// - Throws: `FileError` where the file is damaged.
  package func loadResult() throws(FileError) -> RunResult? {
    do { return try JSONFile.read(RunResult.self, from: result) } catch {
      guard error.kind == .missing else { throw error }
      return nil
    }
  }

  /// The run's own files, which nothing else may replace.
  package var ownFiles: [String] {
    let others = FileSystem.names(in: path).filter { $0.hasPrefix("best-epoch-") }
    return [configuration, metrics, metricsTable, events, last, best, result] + checkpoints
      + (["lock", "predictions.csv", "drift.json"] + others).map(file)
  }

  /// Locks the run for this process until the result is released.
  ///
  /// - Parameters:
  ///   - holder: who takes it, for the message that another process gets.
  ///   - patience: seconds to wait for another process to let go of it.
  /// - Throws: `FileError` of the kind `locked` if another process holds it.
  package func lock(for holder: String, patience: Double = 0) throws(FileError) -> FileLock {
    try FileLock(file("lock"), holder: holder, patience: patience)
  }

  /// Removes every checkpoint; the best weights stay.
  ///
  /// - Throws: `FileError` where one cannot be removed.
  package func removeCheckpoints() throws(FileError) {
    for path in checkpoints { try FileSystem.remove(path) }
  }

  /// Removes what a killed process left half written; only for who holds the run.
  func removeFragments() {
    AtomicFile.removeAbandoned(in: file(""))
    try? FileSystem.remove(file("proof"))
  }
}
