internal import Foundation

/// Reads and writes values as JSON with sorted keys: equal values give equal bytes.
package enum JSONFile {
  /// The JSON text of a value, with sorted keys and without a final line feed.
  ///
  /// - Throws: `EncodingError` for a number that is not finite.
  package static func text(of value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return String(decoding: try encoder.encode(value), as: UTF8.self)
  }

  /// Writes a value atomically.
  ///
  /// - Throws: `FileError` if it cannot be written, `EncodingError` for a number that is not finite.
  package static func write(_ value: some Encodable, to path: String) throws {
    try TextFile.write(text(of: value) + "\n", to: path)
  }

  /// Decodes the value in a file.
  ///
  /// - Throws: `FileError` if the file is missing or does not contain such a value.
  package static func read<Value: Decodable>(_ type: Value.Type, from path: String) throws(FileError) -> Value {
    let text = try TextFile.read(path)
    do { return try JSONDecoder().decode(type, from: Data(text.utf8)) } catch {
      throw FileError(what: "it is not a \(type) as JSON: \(error)", path: path)
    }
  }
}
