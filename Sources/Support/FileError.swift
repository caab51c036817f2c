internal import Glibc

/// Why a file could not be read or written: one message with what was found, where, what was expected, what to do.
package struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What kind of trouble it is; an exit code follows from it.
  package enum Kind: Sendable {
    /// There is no such file or object.
    case missing
    /// The file does not hold what it should.
    case badData
    /// The system refused: disk full, permission, device.
    case system
    /// It was asked to stop.
    case interrupted
    /// Another process works on it.
    case locked
  }

  /// What kind of trouble it is.
  package let kind: Kind
  /// The whole message.
  package let message: String

  /// The whole message.
  package var description: String { message }

  /// `path: what; expected …; action`, the parts that are empty left out.
  package init(what: String, path: String, expected: String = "", action: String = "", kind: Kind = .badData) {
    self.kind = kind
    message =
      "\(path): "
      + [what, expected.isEmpty ? "" : "expected \(expected)", action].filter { !$0.isEmpty }.joined(separator: "; ")
  }

  /// An error with a message made elsewhere.
  package init(message: String, kind: Kind) { (self.message, self.kind) = (message, kind) }

  /// There is no such file.
  package static func missing(_ path: String) -> FileError {
    FileError(what: "there is no such file", path: path, kind: .missing)
  }

  /// The system's last error, or that of a code: `path: cannot action: reason`.
  ///
  /// - Parameter action: such as `write it`.
  package static func system(
    _ action: String, _ path: String, _ code: Int32 = errno, detail: String = ""
  ) -> FileError {
    if code == ENOENT || code == ENOTDIR, action == "open it" { return missing(path) }
    return FileError(
      message: "\(path): cannot \(action): \(reason(code))\(detail.isEmpty ? "" : " (\(detail))")", kind: .system)
  }

  /// The system's words for a code, its last error unless given.
  package static func reason(_ code: Int32 = errno) -> String { unsafe String(cString: strerror(code)) }
}
