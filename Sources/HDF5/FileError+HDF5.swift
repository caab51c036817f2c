package import Support

extension FileError {
  /// The error of an HDF5 file as a `FileError` with the same message.
  package init(_ error: HDF5Error) {
    let kind: Kind =
      switch error.kind {
      // A missing object is bad data: its file exists.
      case .missing: error.object == "/" && error.attempt.hasPrefix("open it") ? .missing : .badData
      case .unreadable, .unexpected: .badData
      case .system: .system
      }
    self.init(message: error.description, kind: kind)
  }
}

/// Runs calls to HDF5 and converts their error to a `FileError`.
///
/// - Throws: `FileError` with the HDF5 error's message.
package func withFileErrors<Result: ~Copyable>(
  _ calls: () throws(HDF5Error) -> Result
) throws(FileError) -> Result {
  do throws(HDF5Error) { return try calls() } catch { throw FileError(error) }
}
