/// Why an image could not be decoded: one message with its name, the problem and what to do.
package struct ImageError: Error, Equatable, Sendable, CustomStringConvertible {
  /// `name: problem; action`.
  package let message: String

  /// The message.
  package var description: String { message }

  init(_ name: String, _ what: String, action: String = "replace the file or leave it out") {
    message = "\(name): \(what); \(action)"
  }
}
