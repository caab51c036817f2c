/// One record of a CSV text.
package struct CSVRecord: Sendable {
  /// The number of its first line, from 1 on.
  package let line: Int
  /// The offset of its first byte in the text.
  package let offset: Int
  /// Its bytes without the end of the line, in UTF-8.
  package let bytes: ArraySlice<UInt8>

  /// Whether there is nothing but spaces in it.
  package var isBlank: Bool { bytes.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") } }
}

/// Splits CSV text (RFC 4180) into records and fields, piece by piece.
///
/// Lines end with LF, CRLF or CR. A quote at the start of a field, spaces aside, opens a quoted field, which can contain
/// separators, line ends and, as two, quotes; any other quote is part of its field. Spaces as separators count once in a row.
package struct CSVReader: Sendable {
  /// The most bytes that a record may have.
  private static let longestRecord = 1 << 26

  private enum State { case fieldStart, plain, quoted, afterQuote }

  /// The byte that parts fields.
  package let separator: UInt8
  private let path: String
  private let action: String
  private var state = State.fieldStart
  private var isAfterReturn = false
  private var hasOtherThanASCII = false
  /// The bytes so far of the record that continues in the next piece.
  private var rest: [UInt8] = []
  private var (line, firstLine, offset) = (1, 1, 0)

  /// - Parameters:
  ///   - path: the file in messages.
  ///   - separator: the byte that parts fields.
  ///   - offset: of the first byte that is read.
  ///   - line: the number of the line that begins there.
  ///   - action: what to do about text that is not UTF-8.
  package init(path: String, separator: UInt8, offset: Int = 0, line: Int = 1, action: String = "save it as UTF-8") {
    (self.path, self.separator, self.offset, self.action) = (path, separator, offset, action)
    (self.line, firstLine) = (line, line)
  }

  /// Reads the next piece and hands on each record that ends in it, blank lines too.
  ///
  /// - Throws: `FileError` that names the line of a zero byte, of text behind a closing quote, of text that is not UTF-8, or
  ///   of a record above 64 MiB; and what `body` throws.
  package mutating func read(
    _ piece: [UInt8], _ body: (CSVRecord) throws(FileError) -> Void
  ) throws(FileError) {
    var start = 0
    var state = state
    for place in piece.indices {
      let byte = piece[place]
      if isAfterReturn {
        isAfterReturn = false
        if byte == UInt8(ascii: "\n") {
          start = place + 1
          offset += 1
          continue
        }
      }
      if byte >= 0x80 { hasOtherThanASCII = true }
      switch byte {
      case UInt8(ascii: "\""):
        switch state {
        case .fieldStart: state = .quoted
        case .quoted: state = .afterQuote
        case .afterQuote: state = .quoted
        case .plain: break
        }
      case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
        if state == .quoted {
          if byte == UInt8(ascii: "\n") { line += 1 }
          continue
        }
        try end(at: place, from: start, of: piece, body)
        isAfterReturn = byte == UInt8(ascii: "\r")
        start = place + 1
        state = .fieldStart
      case separator where state != .quoted: state = .fieldStart
      case UInt8(ascii: " ") where state != .plain: break
      case 0:
        throw refusal(
          "a zero byte", expected: "text in UTF-8",
          action: "check that it is the right file, or name its encoding, such as UTF-16LE")
      default:
        if state == .fieldStart { state = .plain }
        if state == .afterQuote {
          throw refusal(
            "text behind a closing quote", expected: "a separator; a quote within quotes is two quotes",
            action: "correct the line")
        }
      }
    }
    self.state = state
    rest += piece[start...]
    guard rest.count <= Self.longestRecord else {
      throw refusal(
        "more than \(Self.longestRecord) bytes", expected: "shorter lines", action: "check that it is the right file")
    }
  }

  /// Hands on the last record, unless the text ended with a line's end.
  ///
  /// - Throws: `FileError` if a quote is open, and as `read`.
  package mutating func finish(_ body: (CSVRecord) throws(FileError) -> Void) throws(FileError) {
    guard state != .quoted else {
      throw refusal("a quote that is not closed", expected: "closed quotes", action: "correct the line")
    }
    if !rest.isEmpty { try end(at: 0, from: 0, of: [], body) }
  }

  private mutating func end(
    at place: Int, from start: Int, of piece: [UInt8], _ body: (CSVRecord) throws(FileError) -> Void
  ) throws(FileError) {
    let bytes = rest.isEmpty ? piece[start..<place] : (rest + piece[start..<place])[...]
    if hasOtherThanASCII, let invalid = TextDecoding.firstInvalid(in: Array(bytes)) {
      throw TextDecoding.refusal(
        of: bytes.dropFirst(invalid).first, in: "UTF-8", line: firstLine, path: path, action: action)
    }
    try body(CSVRecord(line: firstLine, offset: offset, bytes: bytes))
    rest.removeAll(keepingCapacity: true)
    hasOtherThanASCII = false
    offset += bytes.count + 1
    line += 1
    firstLine = line
  }

  private func refusal(_ what: String, expected: String, action: String) -> FileError {
    FileError(what: "line \(firstLine): \(what)", path: path, expected: expected, action: action)
  }

  /// The fields of a record that was read with this separator: quotes are taken away, spaces stay.
  package static func fields(of record: ArraySlice<UInt8>, separator: UInt8) -> [ArraySlice<UInt8>] {
    let quote = UInt8(ascii: "\"")
    if separator == UInt8(ascii: " "), !record.contains(quote) { return record.split(separator: separator) }
    guard record.contains(quote) else {
      return record.split(separator: separator, omittingEmptySubsequences: false)
    }
    var fields: [ArraySlice<UInt8>] = []
    var field: [UInt8] = []
    var state = State.fieldStart
    for byte in record {
      if byte == quote, state != .plain {
        switch state {
        case .fieldStart:
          field = []
          state = .quoted
        case .quoted: state = .afterQuote
        default:
          field.append(byte)
          state = .quoted
        }
      } else if byte == separator, state != .quoted {
        fields.append(field[...])
        field = []
        state = .fieldStart
      } else if state != .afterQuote {
        if byte != UInt8(ascii: " "), state == .fieldStart { state = .plain }
        field.append(byte)
      }
    }
    fields.append(field[...])
    return separator == UInt8(ascii: " ") ? fields.filter { !$0.isEmpty } : fields
  }

  /// The separator of a text by its first two records that are not blank: the one of comma, semicolon and tab that is in
  /// both as often, or a space where none of these is.
  ///
  /// - Returns: `nil` if several could be.
  package static func separator(of text: ArraySlice<UInt8>) -> UInt8? {
    let candidates = [",", ";", "\t"].map { (character: Unicode.Scalar) in UInt8(ascii: character) }
    var records: [[UInt8: Int]] = [[:]]
    var (isQuoted, isBlank) = (false, true)
    for byte in text {
      if byte == UInt8(ascii: "\"") { isQuoted.toggle() }
      if isQuoted { continue }
      if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
        if isBlank { continue }
        guard records.count < 2 else { break }
        records.append([:])
        isBlank = true
      } else {
        records[records.count - 1][byte, default: 0] += 1
        if byte != UInt8(ascii: " ") { isBlank = false }
      }
    }
    if records.count > 1, isBlank { records.removeLast() }
    let (first, last) = (records[0], records[records.count - 1])
    let present = candidates.filter { first[$0] != nil }
    let even = present.filter { first[$0] == last[$0] }
    let likely = even.isEmpty ? present : even
    if likely.count == 1 { return likely[0] }
    guard likely.isEmpty else { return nil }
    let space = UInt8(ascii: " ")
    return first[space] != nil && (last[space] ?? 0) > 0 ? space : candidates[0]
  }
}
