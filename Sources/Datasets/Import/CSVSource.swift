internal import Support

/// How CSV text is read where its bytes do not tell beyond doubt.
package struct CSVReading: Sendable, Equatable {
  /// The encoding of the text by its name; UTF-8, or what a byte order mark tells, if `nil`.
  package var encoding: String?
  /// The byte that parts fields; found in the first two lines if `nil`.
  package var separator: UInt8?
  /// Whether the first line is a header; it is one where no field of it is a number if `nil`.
  package var hasHeader: Bool?

  /// How to read CSV text; by default as its bytes tell.
  package init(encoding: String? = nil, separator: UInt8? = nil, hasHeader: Bool? = nil) {
    (self.encoding, self.separator, self.hasHeader) = (encoding, separator, hasHeader)
  }
}

/// A CSV file that is read record by record, as UTF-8.
struct CSVSource: Sendable {
  let file: SourceFile
  let separator: UInt8
  /// What was taken for what, one sentence each.
  let remarks: [String]
  private let start: Int
  /// The number of the line that begins at `start`.
  private let firstLine: Int
  private static let encodingAction =
    "name the encoding that it was saved in with --encoding, such as windows-1252, or save it as UTF-8"

  var path: String { file.path }

  /// Opens a file, gzip or plain.
  /// - Throws: `FileError` if it cannot be read, its encoding is unknown, or several separators are possible.
  init(_ path: String, _ reading: CSVReading, in workplace: ImportWorkplace) throws(FileError) {
    var file = try SourceFile(path, in: workplace)
    let mark = TextDecoding.mark(of: try file.bytes(min(4, file.size), at: 0))
    var remarks: [String] = []
    if let encoding = reading.encoding, let mark,
      !encoding.uppercased().hasPrefix(mark.encoding.prefix(6)),
      !TextDecoding.isUTF8(encoding) || mark.encoding != "UTF-8"
    {
      throw FileError(
        what: "the byte order mark of \(mark.encoding) in a text of \(encoding)", path: path,
        expected: mark.encoding, action: "leave --encoding out")
    }
    let encoding = mark?.encoding ?? reading.encoding ?? "UTF-8"
    var start = TextDecoding.isUTF8(encoding) ? mark?.length ?? 0 : 0
    if !TextDecoding.isUTF8(encoding) {
      file = try file.converted(from: encoding, startingAt: mark?.length ?? 0, in: workplace)
      if mark != nil { remarks.append("\(path): the text is \(encoding), as its byte order mark tells") }
    }
    self.file = file
    // A first line such as sep=; is a note to a spreadsheet.
    let note = try file.bytes(min(7, file.size - start), at: start)
    let isNoted = note.count > 5 && note.starts(with: "sep=".utf8) && (note[5] == 10 || note[5] == 13)
    if isNoted { start += note[5] == 13 && note.count > 6 && note[6] == 10 ? 7 : 6 }
    let head = try file.bytes(min(1 << 20, file.size - start), at: start)[...]
    let asked = reading.separator ?? (isNoted ? note[4] : nil)
    let comments = Self.comments(in: head, separator: asked)
    if comments.lines > 0 {
      remarks.append("\(path): \(comments.lines) lines of comment at its beginning, after #, are left out")
    }
    (self.start, firstLine) = (start + comments.length, (isNoted ? 2 : 1) + comments.lines)
    if let separator = asked {
      self.separator = separator
    } else {
      guard let found = CSVReader.separator(of: head.dropFirst(comments.length)) else {
        throw FileError(
          what: "several separators are possible", path: path, expected: "one of comma, semicolon and tab in each line",
          action: "say which with --separator; decimal commas are not read: write points")
      }
      separator = found
      let names: [UInt8: String] = [59: "semicolons", 9: "tabs", 32: "spaces"]
      if let name = names[found] { remarks.append("\(path): fields are parted by \(name)") }
    }
    self.remarks = remarks
  }

  /// The lines at the beginning that are comments: they begin with `#` and have another number of fields than the first
  /// line that does not.
  private static func comments(in head: ArraySlice<UInt8>, separator: UInt8?) -> (lines: Int, length: Int) {
    func isEnd(_ byte: UInt8) -> Bool { byte == 10 || byte == 13 }
    var lines: [ArraySlice<UInt8>] = []
    var rest = head
    while rest.first == UInt8(ascii: "#") {
      let line = rest.prefix { !isEnd($0) }
      lines.append(line)
      rest = rest[line.endIndex...]
      rest = rest.dropFirst(rest.starts(with: [13, 10]) ? 2 : 1)
    }
    guard !lines.isEmpty, let separator = separator ?? CSVReader.separator(of: rest) else { return (0, 0) }
    func count(_ line: ArraySlice<UInt8>) -> Int { CSVReader.fields(of: line, separator: separator).count }
    let columns = count(rest.prefix { !isEnd($0) })
    let comments = lines.prefix { count($0) != columns }
    let end = comments.count < lines.count ? lines[comments.count].startIndex : rest.startIndex
    return comments.isEmpty ? (0, 0) : (comments.count, end - head.startIndex)
  }

  /// Hands on every record that is not blank.
  /// - Throws: `FileError` that names the line of what is not CSV, and what `body` throws.
  func records(
    _ workplace: ImportWorkplace, _ body: (CSVRecord) throws(FileError) -> Void
  ) throws(FileError) {
    var reader = CSVReader(
      path: path, separator: separator, offset: start, line: firstLine, action: Self.encodingAction)
    try file.scan(from: start) { piece throws(FileError) in
      try workplace.check()
      try reader.read(piece) { record throws(FileError) in if !record.isBlank { try body(record) } }
      return true
    }
    try reader.finish { record throws(FileError) in if !record.isBlank { try body(record) } }
  }

  /// Why a row cannot be one of a table whose first line has these fields; `nil` if it can. A row may end with a separator.
  static func mismatch(of row: [String], with first: [String], isHeader: Bool) -> (what: String, expected: String)? {
    let count = first.last == "" ? first.count - 1 : first.count
    if row.count == count || row.count == first.count || row.count == count + 1 && row.last == "" { return nil }
    return ("\(row.count) columns", "\(count) as in the \(isHeader ? "header" : "first line")")
  }

  /// The fields of a record, without spaces around them.
  func fields(of record: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    rawFields(of: record).map(Self.trimmed)
  }

  /// The fields of a record as they are, with spaces around them.
  func rawFields(of record: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    CSVReader.fields(of: record, separator: separator)
  }

  /// A text without spaces and tabs around it.
  static func trimmed(_ text: String) -> String { Self.text(trimmed(Array(text.utf8)[...])) }

  /// A field without spaces and tabs around it.
  static func trimmed(_ field: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    func isSpace(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 }
    guard let first = field.first, let last = field.last, isSpace(first) || isSpace(last) else { return field }
    var field = field.drop(while: isSpace)
    while let last = field.last, isSpace(last) { field.removeLast() }
    return field
  }

  /// The text of a field, which is UTF-8 since its record was read.
  static func text(_ field: ArraySlice<UInt8>) -> String { String(decoding: field, as: UTF8.self) }

  /// The number of a field; `nil` if it is none.
  static func number(_ field: ArraySlice<UInt8>) -> Double? {
    if (1...9).contains(field.count), field.allSatisfy({ $0 >= 48 && $0 <= 57 }) {
      return Double(field.reduce(0) { $0 * 10 + Int($1) - 48 })
    }
    return number(text(field))
  }

  /// The decimal number of a text; `nil` for any other, hexadecimal digits included.
  static func number(_ text: String) -> Double? {
    text.isEmpty || text.utf8.contains { $0 | 32 == UInt8(ascii: "x") } ? nil : Double(text)
  }

  func refusal(_ line: Int, _ what: String, expected: String, action: String = "correct the line") -> FileError {
    FileError(what: "line \(line): \(what)", path: path, expected: expected, action: action)
  }
}
