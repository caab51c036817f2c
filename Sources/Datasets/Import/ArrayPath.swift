internal import Support

/// Where an array is: a file, or `FILE:NAME` for one of several in a file.
package struct ArrayPath: Sendable, Equatable {
  /// The path of the file.
  package let file: String
  /// The name of the array in it.
  package let name: String?

  /// Reads `FILE` or `FILE:NAME`; a file whose own name has the colon comes first.
  package init(_ text: String) {
    var colons = text.indices.filter { text[$0] == ":" }[...]
    if FileSystem.exists(text) { colons = [] }
    let colon = colons.first { FileSystem.isRegularFile(String(text[..<$0])) } ?? colons.last
    guard let colon else {
      (file, name) = (text, nil)
      return
    }
    (file, name) = (String(text[..<colon]), String(text[text.index(after: colon)...]))
  }
}
