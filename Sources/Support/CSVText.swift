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

  /// The fields of each record of a text; quoted fields can contain commas and line feeds.
  package static func rows(of text: String) -> [[String]] {
    var rows: [[String]] = []
    var (row, field, isQuoted): ([String], String.UnicodeScalarView, Bool) = ([], .init(), false)
    let scalars = text.unicodeScalars
    var place = scalars.startIndex
    func endField() {
      row.append(String(field))
      field = .init()
    }
    while place != scalars.endIndex {
      let scalar = scalars[place]
      place = scalars.index(after: place)
      switch scalar {
      case "\"" where isQuoted && place != scalars.endIndex && scalars[place] == "\"":
        field.append(scalar)
        place = scalars.index(after: place)
      case "\"": isQuoted.toggle()
      case "," where !isQuoted: endField()
      case "\n" where !isQuoted:
        endField()
        rows.append(row)
        row = []
      case "\r" where !isQuoted: break
      default: field.append(scalar)
      }
    }
    if !field.isEmpty || !row.isEmpty {
      endField()
      rows.append(row)
    }
    return rows
  }
}
