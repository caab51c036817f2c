internal import Glibc

/// Why a file could not be read or written: one message with the path, the problem, what was expected and what to do.
package struct FileError: Error, Equatable, Sendable, CustomStringConvertible {
  /// A kind of error, which determines the exit code.
  package enum Kind: Sendable {
    /// No such file or object.
    case missing
    /// The file has invalid or unexpected content.
    case badData
    /// The system failed: disk full, permission, device.
    case system
    /// A stop request ended the operation.
    case interrupted
    /// Another process holds the lock.
    case locked
  }

  /// The kind of error.
  package let kind: Kind
  /// The whole message.
  package let message: String

  /// The whole message.
  package var description: String { message }

  /// An error with the message `path: what; expected …; action`, without empty parts.
  package init(what: String, path: String, expected: String = "", action: String = "", kind: Kind = .badData) {
    self.kind = kind
    message =
      "\(path): "
      + [what, expected.isEmpty ? "" : "expected \(expected)", action].filter { !$0.isEmpty }.joined(separator: "; ")
  }

  /// An error with a complete message.
  package init(message: String, kind: Kind) { (self.message, self.kind) = (message, kind) }

  /// The error of a missing file.
  package static func missing(_ path: String) -> FileError {
    // Bytes of an argument that are no text arrive as this character.
    guard !path.contains("\u{FFFD}") else {
      return FileError(
        what: "its name is not UTF-8: \u{FFFD} stands for bytes that are no text", path: path,
        expected: "a name in UTF-8", action: "rename it")
    }
    return FileError(what: "there is no such file", path: path, kind: .missing)
  }

  /// The error of a system call: `path: cannot action: reason`.
  ///
  /// - Parameters:
  ///   - action: such as `write it`.
  ///   - code: the error code; default: the last one (`errno`).
  package static func system(
    _ action: String, _ path: String, _ code: Int32 = errno, detail: String = ""
  ) -> FileError {
    if code == ENOENT || code == ENOTDIR, action == "open it" { return missing(path) }
    return FileError(
      message: "\(path): cannot \(action): \(reason(code))\(detail.isEmpty ? "" : " (\(detail))")", kind: .system)
  }

  /// The system's text for an error code; default: the last one (`errno`).
  package static func reason(_ code: Int32 = errno) -> String { unsafe String(cString: strerror(code)) }
}
