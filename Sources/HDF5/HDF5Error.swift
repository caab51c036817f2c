internal import CHDF5

/// A failure in an HDF5 file: the file, the object, the attempt and the reason.
package struct HDF5Error: Error, Sendable, Equatable, CustomStringConvertible {
  /// A kind of failure.
  package enum Kind: Sendable {
    /// No such file, or no such object in it.
    case missing
    /// The file is not an HDF5 file, is truncated, damaged or hostile.
    case unreadable
    /// The object exists but is not of the expected kind or type.
    case unexpected
    /// The system failed: disk full, permission, device.
    case system
  }

  /// The kind of failure.
  package let kind: Kind
  /// Path of the file.
  package let file: String
  /// Path of the object in the file; `/` for the file as a whole.
  package let object: String
  /// What was attempted, such as `read the dataset`.
  package let attempt: String
  /// The reason: HDF5's innermost message, the system's, or our own.
  package let reason: String

  /// `file: cannot attempt object: reason`.
  package var description: String {
    object == "/" ? "\(file): cannot \(attempt): \(reason)" : "\(file): cannot \(attempt) \(object): \(reason)"
  }
}

/// An action on an object; creates the error if it fails.
struct Attempt {
  let file: String
  var object = "/"
  let action: String

  /// An error with a reason of our own.
  func failure(_ kind: HDF5Error.Kind, _ reason: String) -> HDF5Error {
    HDF5Error(kind: kind, file: file, object: object, attempt: action, reason: reason)
  }

  /// An error with HDF5's innermost message.
  func failure(_ kind: HDF5Error.Kind = .unreadable) -> HDF5Error {
    let reason = Self.innermostMessage() ?? "libhdf5 gave no reason"
    return failure(reason.hasSuffix(Self.systemMark) ? .system : kind, reason)
  }

  /// Throws if a call returned a negative status.
  func check(_ status: herr_t) throws(HDF5Error) {
    if status < 0 { throw failure() }
  }

  /// Takes ownership of an identifier; throws if it is invalid.
  func own(_ id: hid_t, _ kind: Handle.Kind) throws(HDF5Error) -> Handle {
    if id < 0 { throw failure() }
    return Handle(owning: id, kind)
  }

  /// The suffix of a message that HDF5 got from the system.
  static let systemMark = " (system error)"

  /// The innermost message of the error stack that is not empty.
  ///
  /// Of a message about a system call only the failure and the system's words remain: HDF5 adds times, addresses and a line
  /// break.
  static func innermostMessage() -> String? {
    var message: String?
    withUnsafeMutablePointer(to: &message) { message in
      _ = H5Ewalk2(
        0, H5E_WALK_UPWARD,
        { _, entry, context in
          let message = context?.assumingMemoryBound(to: String?.self)
          if message?.pointee == nil, let text = entry?.pointee.desc {
            let text = String(cString: text)
            if !text.isEmpty { message?.pointee = text }
          }
          return 0
        }, message)
    }
    guard let text = message, let cause = text.firstRange(of: "error message = '") else { return message }
    let words = text[cause.upperBound...].prefix { $0 != "'" }
    return "\(text.prefix { $0 != ":" && $0 != "," }): \(words)\(systemMark)"
  }
}
