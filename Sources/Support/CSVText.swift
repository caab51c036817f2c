/// A table as comma-separated values (RFC 4180; lines end with a line feed).
package struct CSVText: Sendable, Equatable {
  /// The records so far.
  package private(set) var text: String

  /// A table of one record, the header.
  package init(header: [String]) {
    text = ""
    add(header)
  }

  /// Appends a record; quotes fields that need it.
  package mutating func add(_ fields: [String]) { text += Self.record(fields) }

  /// A record with its line feed; fields that need it are quoted.
  package static func record(_ fields: [String]) -> String { fields.map(quoted).joined(separator: ",") + "\n" }

  private static func quoted(_ field: String) -> String {
    guard field.unicodeScalars.contains(where: { [",", "\"", "\n", "\r"].contains($0) }) else { return field }
    return "\"" + field.replacing("\"", with: "\"\"") + "\""
  }

  /// The fields of each record of a text; quoted fields can contain commas and line ends.
  ///
  /// - Parameters:
  ///   - separator: the byte that parts fields.
  ///   - path: the file in messages.
  /// - Throws: `FileError` that names the line of a quote that is not closed, or of text behind one that is.
  package static func rows(
    of text: String, separator: UInt8 = UInt8(ascii: ","), path: String
  ) throws(FileError) -> [[String]] {
    var reader = CSVReader(path: path, separator: separator)
    var rows: [[String]] = []
    func add(_ record: CSVRecord) {
      rows.append(
        CSVReader.fields(of: record.bytes, separator: separator).map { String(decoding: $0, as: UTF8.self) })
    }
    try reader.read(Array(text.utf8), add)
    try reader.finish(add)
    return rows
  }
}
