internal import Support

/// A protocol-buffer message as text, such as a `.prototxt`: fields in their order.
///
/// Format: https://protobuf.dev/reference/protobuf/textformat-spec/
struct TextMessage {
  /// The value of a field.
  enum Value {
    /// A number, a word or a string.
    case text(String)
    case message(TextMessage)
  }

  private(set) var fields: [(name: String, value: Value)] = []

  /// Reads a text of at most 16 MiB, with messages in at most 32 messages.
  ///
  /// - Throws: `FileError` with the line of what is no field.
  init(parsing text: String, path: String) throws(FileError) {
    guard text.utf8.count <= 16 << 20 else {
      throw FileError(what: "it has \(text.utf8.count) bytes", path: path, expected: "a network of at most 16 MiB")
    }
    var scanner = Scanner(bytes: Array(text.utf8), path: path)
    try self.init(&scanner, end: nil, depth: 0)
  }

  private init(_ scanner: inout Scanner, end: UInt8?, depth: Int) throws(FileError) {
    guard depth <= 32 else { throw scanner.problem("messages in more than 32 messages") }
    while true {
      scanner.skipSpace()
      guard let byte = scanner.byte else {
        if end == nil { return }
        throw scanner.problem("the text ends within a message")
      }
      if byte == end {
        scanner.position += 1
        return
      }
      let name = try scanner.word()
      scanner.skipSpace()
      let hasColon = scanner.take(UInt8(ascii: ":"))
      scanner.skipSpace()
      if scanner.take(UInt8(ascii: "[")) {
        try readList(name, &scanner, depth)
      } else {
        fields.append((name, try Self.value(&scanner, hasColon: hasColon, depth)))
      }
      scanner.skipSpace()
      if !scanner.take(UInt8(ascii: ",")) { _ = scanner.take(UInt8(ascii: ";")) }
    }
  }

  private mutating func readList(_ name: String, _ scanner: inout Scanner, _ depth: Int) throws(FileError) {
    scanner.skipSpace()
    while !scanner.take(UInt8(ascii: "]")) {
      fields.append((name, try Self.value(&scanner, hasColon: true, depth)))
      scanner.skipSpace()
      guard scanner.take(UInt8(ascii: ",")) || scanner.byte == UInt8(ascii: "]") else {
        throw scanner.problem("a list without , or ]")
      }
      scanner.skipSpace()
    }
  }

  private static func value(_ scanner: inout Scanner, hasColon: Bool, _ depth: Int) throws(FileError) -> Value {
    if scanner.take(UInt8(ascii: "{")) {
      return .message(try TextMessage(&scanner, end: UInt8(ascii: "}"), depth: depth + 1))
    }
    if scanner.take(UInt8(ascii: "<")) {
      return .message(try TextMessage(&scanner, end: UInt8(ascii: ">"), depth: depth + 1))
    }
    guard hasColon else { throw scanner.problem("a name without : or {") }
    return .text(try scanner.value())
  }

  /// The bytes of a text and a place in them.
  private struct Scanner {
    let bytes: [UInt8]
    let path: String
    var position = 0

    var byte: UInt8? { position < bytes.count ? bytes[position] : nil }

    mutating func take(_ wanted: UInt8) -> Bool {
      if byte != wanted { return false }
      position += 1
      return true
    }

    /// Passes by white space and comments.
    mutating func skipSpace() {
      while let byte {
        if byte == UInt8(ascii: "#") {
          while let byte = self.byte, byte != UInt8(ascii: "\n") { position += 1 }
        } else if [9, 10, 11, 12, 13, 32].contains(byte) {
          position += 1
        } else {
          return
        }
      }
    }

    /// A field's name.
    mutating func word() throws(FileError) -> String {
      let start = position
      while let byte, Self.isWord(byte) { position += 1 }
      guard position > start else { throw problem("expected the name of a field") }
      return String(decoding: bytes[start..<position], as: UTF8.self)
    }

    /// A string, or strings after each other, or a number or word.
    mutating func value() throws(FileError) -> String {
      guard byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") else {
        let start = position
        while let byte, Self.isWord(byte) || [43, 45, 46].contains(byte) { position += 1 }
        guard position > start else { throw problem("expected a value") }
        return String(decoding: bytes[start..<position], as: UTF8.self)
      }
      var text: [UInt8] = []
      while let quote = byte, quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") {
        position += 1
        while let byte, byte != quote {
          guard byte != UInt8(ascii: "\\"), byte != UInt8(ascii: "\n") else {
            throw problem("a string with an escape or over a line")
          }
          text.append(byte)
          position += 1
        }
        guard take(quote) else { throw problem("a string without an end") }
        skipSpace()
      }
      return String(decoding: text, as: UTF8.self)
    }

    func problem(_ what: String) -> FileError {
      let line = bytes[..<min(position, bytes.count)].count { $0 == UInt8(ascii: "\n") } + 1
      return FileError(
        what: "line \(line): \(what)", path: path, expected: "a network as Caffe writes it, a .prototxt")
    }

    private static func isWord(_ byte: UInt8) -> Bool {
      byte == UInt8(ascii: "_") || (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
    }
  }
}

/// Fields by name.
extension TextMessage {
  /// An empty message.
  init() {}

  /// The message of a name; an empty one where there is none.
  func message(_ name: String) -> TextMessage { messages(name).last ?? TextMessage() }

  /// All messages of a name.
  func messages(_ name: String) -> [TextMessage] {
    fields.compactMap { if $0.name == name, case .message(let message) = $0.value { message } else { nil } }
  }

  /// All texts of a name.
  func texts(_ name: String) -> [String] {
    fields.compactMap { if $0.name == name, case .text(let text) = $0.value { text } else { nil } }
  }

  /// The last text of a name.
  func text(_ name: String) -> String? { texts(name).last }

  /// The whole numbers of a name, of at most seven digits; -1 stands for anything else.
  func integers(_ name: String) -> [Int] {
    texts(name).map { text in Int(text).flatMap { $0.magnitude < 10_000_000 ? $0 : nil } ?? -1 }
  }

  /// The whole number of a name.
  func integer(_ name: String) -> Int? { integers(name).last }

  /// The number of a name.
  func number(_ name: String) -> Float? { text(name).flatMap { Float($0.hasSuffix("f") ? String($0.dropLast()) : $0) } }

  /// The truth value of a name.
  func bool(_ name: String) -> Bool? { text(name).map { ["true", "t", "1", "True"].contains($0) } }
}
