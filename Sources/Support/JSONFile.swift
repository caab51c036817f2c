internal import Foundation

/// Values as JSON with sorted keys, so that the same value gives the same bytes.
package enum JSONFile {
  /// The text of a value, with sorted keys and without a line feed at its end.
  package static func text(of value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// Writes a value, whole or not at all.
  ///
  /// - Throws: `FileError` where it cannot be written.
  package static func write(_ value: some Encodable, to path: String) throws {
    try TextFile.write(text(of: value) + "\n", to: path)
  }

  /// The value that a file describes.
  ///
  /// - Throws: `FileError` where the file is missing or holds something else.
  package static func read<Value: Decodable>(_ type: Value.Type, from path: String) throws(FileError) -> Value {
    let text = try TextFile.read(path)
    do { return try JSONDecoder().decode(type, from: Data(text.utf8)) } catch {
      throw FileError(what: "it does not hold a \(type): \(error)", path: path)
    }
  }
}
