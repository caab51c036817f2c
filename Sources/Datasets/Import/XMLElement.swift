internal import Support

/// An element of an XML file with its text and the elements in it; attributes are passed over.
///
/// What annotations need and no more: no document types, so that no entity is ever defined, loaded or expanded.
struct XMLElement {
  let name: String
  /// The text between its tags without that of other elements, trimmed.
  private(set) var text = ""
  private(set) var children: [XMLElement] = []

  /// The first child of a name.
  func first(_ name: String) -> XMLElement? { children.first { $0.name == name } }

  /// Reads a file of at most 4 MiB, in the encoding that its byte order mark or its declaration tells, else UTF-8.
  /// - Throws: `FileError` that names the line that is not XML, or of more than 32 elements in each other, an encoding that is
  ///   unknown, or bytes that are no text in it.
  init(reading path: String) throws(FileError) {
    let bytes = try FileBytes.read(path, limit: 4 << 20)
    let text = try TextDecoding.text(bytes, in: Self.encoding(of: bytes), path: path)
    var parser = Parser(bytes: Array(text.utf8), path: path)
    self = try parser.document()
  }

  private init(name: String) { self.name = name }

  /// The encoding of a file by its byte order mark, its first bytes, or its declaration (XML 1.0, appendix F).
  private static func encoding(of bytes: [UInt8]) -> String {
    if let mark = TextDecoding.mark(of: bytes) { return mark.encoding }
    if bytes.starts(with: [0x3C, 0, 0x3F, 0]) || bytes.starts(with: [0x3C, 0, 0x61, 0]) { return "UTF-16LE" }
    if bytes.starts(with: [0, 0x3C, 0, 0x3F]) || bytes.starts(with: [0, 0x3C, 0, 0x61]) { return "UTF-16BE" }
    guard bytes.starts(with: "<?xml".utf8), let end = bytes.firstIndex(of: UInt8(ascii: ">")),
      let declaration = String(validating: bytes[..<end], as: UTF8.self),
      let key = declaration.firstRange(of: "encoding")
    else { return "UTF-8" }
    let value = declaration[key.upperBound...].drop { $0.isWhitespace || $0 == "=" }
    guard let quote = value.first, quote == "\"" || quote == "'" else { return "UTF-8" }
    let name = String(value.dropFirst().prefix { $0 != quote })
    // A text of ASCII alone that calls itself UTF-16 was converted without changing its declaration.
    return name.uppercased().hasPrefix("UTF-16") && bytes.allSatisfy({ $0 < 128 && $0 != 0 }) ? "UTF-8" : name
  }

  private struct Parser {
    let bytes: [UInt8]
    let path: String
    private var position = 0

    init(bytes: [UInt8], path: String) { (self.bytes, self.path) = (bytes, path) }

    mutating func document() throws(FileError) -> XMLElement {
      var open: [XMLElement] = []
      var text: [[UInt8]] = []
      while position < bytes.count {
        if bytes[position] != UInt8(ascii: "<") {
          let start = position
          position = bytes[start...].firstIndex(of: UInt8(ascii: "<")) ?? bytes.count
          let run = bytes[start..<position]
          if text.isEmpty {
            guard run.allSatisfy(Self.isSpace) else { throw refusal("text outside the first element") }
          } else {
            text[text.count - 1] += try unescaped(run)
          }
        } else if skip("<?") {
          _ = try upTo("?>")
        } else if skip("<!--") {
          _ = try upTo("-->")
        } else if skip("<![CDATA["), !text.isEmpty {
          text[text.count - 1] += try upTo("]]>")
        } else if skip("</") {
          let name = try tag().name
          guard var element = open.popLast(), element.name == name else { throw refusal("</\(name)> ends nothing") }
          let content = text.removeLast()
          element.text = String(decoding: content.trimmed(Self.isSpace), as: UTF8.self)
          guard let last = open.indices.last else {
            try requireEnd()
            return element
          }
          open[last].children.append(element)
        } else if skip("<!") {
          throw refusal("a document type or declaration")
        } else {
          position += 1
          let (name, isEmpty) = try tag()
          guard open.count < 32 else { throw refusal("more than 32 elements in each other") }
          if !isEmpty {
            open.append(XMLElement(name: name))
            text.append([])
          } else if let last = open.indices.last {
            open[last].children.append(XMLElement(name: name))
          } else {
            try requireEnd()
            return XMLElement(name: name)
          }
        }
      }
      throw refusal(open.last.map { "<\($0.name)> is never ended" } ?? "no element")
    }

    /// Reads on to the end, where only comments and instructions may stand.
    private mutating func requireEnd() throws(FileError) {
      while position < bytes.count {
        if Self.isSpace(bytes[position]) {
          position += 1
        } else if skip("<?") {
          _ = try upTo("?>")
        } else if skip("<!--") {
          _ = try upTo("-->")
        } else {
          throw refusal("something behind the last element")
        }
      }
    }

    /// The name in a tag up to its `>`, and whether it ends with `/>`.
    private mutating func tag() throws(FileError) -> (name: String, isEmpty: Bool) {
      let start = position
      var quote: UInt8?
      while position < bytes.count {
        let byte = bytes[position]
        position += 1
        if let open = quote {
          if byte == open { quote = nil }
        } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
          quote = byte
        } else if byte == UInt8(ascii: ">") {
          let inside = bytes[start..<position - 1]
          let isEmpty = inside.last == UInt8(ascii: "/")
          let name = inside.prefix { !Self.isSpace($0) && $0 != UInt8(ascii: "/") }
          guard !name.isEmpty else { throw refusal("a tag without a name") }
          return (String(decoding: name, as: UTF8.self), isEmpty)
        } else if byte == UInt8(ascii: "<") {
          break
        }
      }
      throw refusal("a tag without an end")
    }

    private mutating func skip(_ prefix: String) -> Bool {
      guard bytes[position...].starts(with: prefix.utf8) else { return false }
      position += prefix.utf8.count
      return true
    }

    /// The bytes before a mark, which is skipped.
    private mutating func upTo(_ mark: String) throws(FileError) -> ArraySlice<UInt8> {
      let start = position
      while position < bytes.count {
        let end = position
        if skip(mark) { return bytes[start..<end] }
        position += 1
      }
      throw refusal("no closing \(mark)")
    }

    /// Text with the five entities of XML and numbered characters in place.
    private func unescaped(_ run: ArraySlice<UInt8>) throws(FileError) -> [UInt8] {
      guard run.contains(UInt8(ascii: "&")) else { return Array(run) }
      var result: [UInt8] = []
      var rest = run
      while let ampersand = rest.firstIndex(of: UInt8(ascii: "&")) {
        result += rest[..<ampersand]
        guard let end = rest[ampersand...].prefix(12).firstIndex(of: UInt8(ascii: ";")),
          let character = Self.character(String(decoding: rest[ampersand + 1..<end], as: UTF8.self))
        else { throw refusal("an unknown entity") }
        result += Array(String(character).utf8)
        rest = rest[(end + 1)...]
      }
      return result + rest
    }

    private static func character(_ name: String) -> Character? {
      let named: [String: Character] = ["lt": "<", "gt": ">", "amp": "&", "apos": "'", "quot": "\""]
      if let character = named[name] { return character }
      guard name.hasPrefix("#") else { return nil }
      let isHexadecimal = name.hasPrefix("#x")
      return UInt32(name.dropFirst(isHexadecimal ? 2 : 1), radix: isHexadecimal ? 16 : 10)
        .flatMap(Unicode.Scalar.init).map(Character.init)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 32 || (9...13).contains(byte) }

    private func refusal(_ what: String) -> FileError {
      let line = 1 + bytes[..<min(position, bytes.count)].count { $0 == UInt8(ascii: "\n") }
      return FileError(
        what: "line \(line): \(what)", path: path, expected: "plain XML", action: "correct the file")
    }
  }
}

extension [UInt8] {
  /// Without the bytes at both ends that fulfil a condition.
  fileprivate func trimmed(_ condition: (UInt8) -> Bool) -> ArraySlice<UInt8> {
    guard let first = firstIndex(where: { !condition($0) }), let last = lastIndex(where: { !condition($0) }) else {
      return []
    }
    return self[first...last]
  }
}
