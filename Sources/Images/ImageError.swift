/// Why a picture could not be decoded: one message with its name, what was found and what to do.
package struct ImageError: Error, Equatable, Sendable, CustomStringConvertible {
  package let message: String

  package var description: String { message }

  init(_ name: String, _ what: String, action: String = "replace the file or leave it out") {
    message = "\(name): \(what); \(action)"
  }
}
