/// A table as comma-separated values (RFC 4180, lines end with a line feed).
package struct CSVText: Sendable, Equatable {
  package private(set) var text: String

  package init(header: [String]) {
    text = ""
    add(header)
  }

  package mutating func add(_ fields: [String]) { text += fields.map(Self.quoted).joined(separator: ",") + "\n" }

  private static func quoted(_ field: String) -> String {
    field.contains { ",\"\n".contains($0) } ? "\"" + field.replacing("\"", with: "\"\"") + "\"" : field
  }
}
