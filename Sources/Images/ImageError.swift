internal import Support

/// Why an image could not be decoded: one message with its name, the problem and what to do.
package struct ImageError: Error, Equatable, Sendable, CustomStringConvertible {
  /// `name: problem; action`.
  package let message: String

  /// The message.
  package var description: String { message }

  /// The error of a file that is no image that can be read, named for what it is.
  init(otherThanImage bytes: [UInt8], name: String) {
    let nature = FileNature(head: Array(bytes.prefix(FileNature.headLength)), size: bytes.count, name: name)
    message =
      nature.refusal(
        name, expected: "a \(ImageFormat.list) file", action: "convert it or leave it out"
      ).message
  }

  init(_ name: String, _ what: String, expected: String = "", action: String = "replace the file or leave it out") {
    message =
      "\(name): "
      + [what, expected.isEmpty ? "" : "expected \(expected)", action].filter { !$0.isEmpty }
      .joined(separator: "; ")
  }
}
