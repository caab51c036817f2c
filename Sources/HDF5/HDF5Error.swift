internal import CHDF5

/// What failed in an HDF5 file: the file, the object in it, what was attempted and why it did not work.
package struct HDF5Error: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Kind: Sendable {
    /// There is no such file, or nothing of that name in it.
    case missing
    /// The file is no HDF5 file, is truncated or damaged, or is built to do harm.
    case unreadable
    /// The object is there but is not what was asked for.
    case unexpected
    /// The system refused: disk full, permission, device.
    case system
  }

  package let kind: Kind
  /// Path of the file.
  package let file: String
  /// Path of the object in the file; `/` for the file as a whole.
  package let object: String
  /// What was attempted, such as `read the dataset`.
  package let attempt: String
  /// Why it failed: HDF5's innermost message, the system's, or our own.
  package let reason: String

  package var description: String {
    object == "/" ? "\(file): cannot \(attempt): \(reason)" : "\(file): cannot \(attempt) \(object): \(reason)"
  }
}

/// Something about to be done to an object; makes the error if it fails.
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

  /// Throws where a call returned a negative status.
  func check(_ status: herr_t) throws(HDF5Error) {
    if status < 0 { throw failure() }
  }

  /// Takes ownership of an identifier, or throws where it is none.
  func own(_ id: hid_t, _ kind: Handle.Kind) throws(HDF5Error) -> Handle {
    if id < 0 { throw failure() }
    return Handle(owning: id, kind)
  }

  /// The mark of a message that the system gave to HDF5.
  static let systemMark = " (said by the system)"

  /// The message deepest in the error stack that says something; of one about a system call, what failed and the system's
  /// words: HDF5 adds times, addresses and a line break.
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
