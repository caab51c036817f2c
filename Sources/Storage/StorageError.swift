internal import Glibc
package import HDF5
package import Images

/// Why a file could not be read or written: one message with what was found, where, what was expected, what to do.
package struct StorageError: Error, Equatable, Sendable, CustomStringConvertible {
  package enum Kind: Sendable {
    /// There is no such file or object.
    case missing
    /// The file does not hold what it should.
    case badData
    /// The system refused: disk full, permission, device.
    case system
    /// It was asked to stop.
    case interrupted
  }

  package let kind: Kind
  package let message: String

  package var description: String { message }

  /// `path: what; expected …; action`, the parts that are empty left out.
  package init(what: String, path: String, expected: String = "", action: String = "", kind: Kind = .badData) {
    self.kind = kind
    message =
      "\(path): "
      + [what, expected.isEmpty ? "" : "expected \(expected)", action].filter { !$0.isEmpty }.joined(separator: "; ")
  }

  /// Why the system refused the last call, in its own words.
  static var reason: String { unsafe String(cString: strerror(errno)) }

  /// An error with a message made elsewhere.
  package init(message: String, kind: Kind) {
    self.message = message
    self.kind = kind
  }

  /// The same as an error of an HDF5 file.
  package init(_ error: HDF5Error) {
    message = error.description
    kind =
      switch error.kind {
      // A file that lacks something is there.
      case .missing: error.object == "/" && error.attempt.hasPrefix("open it") ? .missing : .badData
      case .unreadable, .unexpected: .badData
      case .system: .system
      }
  }

  /// The same as an error of a picture.
  package init(_ error: ImageError) {
    kind = .badData
    message = error.message
  }
}

/// What calls to HDF5 give, their error turned into one of this room.
func storing<Result: ~Copyable>(_ calls: () throws(HDF5Error) -> Result) throws(StorageError) -> Result {
  do throws(HDF5Error) {
    return try calls()
  } catch {
    throw StorageError(error)
  }
}
