package import Support

extension FileError {
  /// The same as an error of an HDF5 file.
  package init(_ error: HDF5Error) {
    let kind: Kind =
      switch error.kind {
      // A file that lacks something is there.
      case .missing: error.object == "/" && error.attempt.hasPrefix("open it") ? .missing : .badData
      case .unreadable, .unexpected: .badData
      case .system: .system
      }
    self.init(message: error.description, kind: kind)
  }
}

/// What calls to HDF5 give, their error turned into that of a file.
///
/// - Throws: `FileError` with the HDF5 error's message.
package func withFileErrors<Result: ~Copyable>(
  _ calls: () throws(HDF5Error) -> Result
) throws(FileError) -> Result {
  do throws(HDF5Error) { return try calls() } catch { throw FileError(error) }
}
