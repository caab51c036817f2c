/// Text of users' files: UTF-8, or the encoding that the file or the user names; never repaired.
package enum TextDecoding {
  /// A byte order mark at the start of a text.
  package struct Mark: Sendable, Equatable {
    /// The encoding that it tells.
    package let encoding: String
    /// Its bytes.
    package let length: Int
  }

  /// The byte order mark at the start of a text; `nil` if there is none.
  package static func mark(of bytes: [UInt8]) -> Mark? {
    let marks: [([UInt8], String)] = [
      ([0xEF, 0xBB, 0xBF], "UTF-8"), ([0xFF, 0xFE, 0, 0], "UTF-32LE"), ([0, 0, 0xFE, 0xFF], "UTF-32BE"),
      ([0xFF, 0xFE], "UTF-16LE"), ([0xFE, 0xFF], "UTF-16BE"),
    ]
    return marks.first { bytes.starts(with: $0.0) }.map { Mark(encoding: $0.1, length: $0.0.count) }
  }

  /// Whether a name is one of UTF-8's.
  package static func isUTF8(_ encoding: String) -> Bool { ["UTF-8", "UTF8"].contains(encoding.uppercased()) }

  /// The place of the first byte that is not UTF-8; `nil` if all is.
  package static func firstInvalid(in bytes: [UInt8]) -> Int? {
    do {
      _ = try UTF8Span(validating: bytes.span)
      return nil
    } catch { return error.byteOffsets.lowerBound }
  }

  /// The text of bytes that must be UTF-8; a byte order mark is left out.
  ///
  /// - Parameter action: what to do about other bytes.
  /// - Throws: `FileError` that names the line and the byte.
  package static func utf8(
    _ bytes: [UInt8], path: String, action: String = "save it as UTF-8"
  ) throws(FileError) -> String {
    guard let place = firstInvalid(in: bytes), place < bytes.count else {
      let text = mark(of: bytes)?.encoding == "UTF-8" ? bytes[3...] : bytes[...]
      return String(decoding: text, as: UTF8.self)
    }
    throw refusal(of: bytes[place], in: "UTF-8", line: line(of: place, in: bytes), path: path, action: action)
  }

  /// The text of bytes in an encoding.
  ///
  /// - Throws: `FileError` for an encoding that the system does not know, or that names the line of the first byte that is
  ///   not text in it.
  package static func text(_ bytes: [UInt8], in encoding: String, path: String) throws(FileError) -> String {
    let action = "correct the name of the encoding or convert the file to UTF-8"
    let mark = mark(of: bytes)
    if isUTF8(encoding) { return try utf8(bytes, path: path, action: action) }
    if let mark, !encoding.uppercased().hasPrefix(mark.encoding.prefix(6)) {
      throw FileError(
        what: "the byte order mark of \(mark.encoding) in a text of \(encoding)", path: path, action: action)
    }
    var converter = try converter(from: mark?.encoding ?? encoding, path: path)
    do {
      let text = try converter.convert(bytes[(mark?.length ?? 0)...]) + converter.finish()
      return try utf8(text, path: path)
    } catch let error as TextConverter.Failure {
      throw refusal(
        of: error.byte, in: encoding, line: line(of: error.offset, in: bytes), path: path, action: action)
    } catch let error as FileError { throw error } catch {
      throw FileError(what: "\(error)", path: path)
    }
  }

  /// A converter from an encoding.
  ///
  /// - Throws: `FileError` for one that the system does not know, or UTF-16 or UTF-32 of unknown byte order.
  package static func converter(from encoding: String, path: String) throws(FileError) -> TextConverter {
    guard !["UTF-16", "UTF16", "UTF-32", "UTF32", "UCS-2", "UCS-4"].contains(encoding.uppercased()) else {
      throw FileError(
        what: "\(encoding) without a byte order mark", path: path, expected: "\(encoding)LE or \(encoding)BE",
        action: "name one of these, or save it as UTF-8")
    }
    guard let converter = TextConverter(from: encoding) else {
      throw FileError(
        what: "the text encoding \"\(encoding)\" is unknown", path: path,
        expected: "a name such as UTF-8, ISO-8859-1, windows-1252, GB18030 or Shift_JIS",
        action: "correct the name or convert the file to UTF-8")
    }
    return converter
  }

  /// The error of bytes that are not text in an encoding; `byte` is `nil` where the text ends within a character.
  package static func refusal(
    of byte: UInt8?, in encoding: String, line: Int, path: String, action: String
  ) -> FileError {
    let text = byte.map { "byte \(hexadecimal($0)) is" } ?? "it ends within a character,"
    return FileError(
      what: "line \(line): \(text) not \(encoding)", path: path, expected: "text in \(encoding)", action: action)
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return digits.count == 1 ? "0" + digits : digits
  }

  private static func line(of place: Int, in bytes: [UInt8]) -> Int {
    1 + bytes[..<min(place, bytes.count)].count { $0 == UInt8(ascii: "\n") }
  }
}
