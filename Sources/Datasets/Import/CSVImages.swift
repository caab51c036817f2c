import Images
internal import Support

/// The column of the label in a CSV file.
package enum LabelColumn: String, Sendable, CaseIterable {
  case first, last
}

/// Images in the rows of a file of comma-separated numbers, with the label in one of the columns.
///
/// All rows are scanned once; then each is read from its offset, so that memory grows by one label and one offset per
/// row only.
struct CSVImages: ImageSource {
  /// The most bytes that a line may have.
  private static let longestLine = 1 << 26

  private let file: SourceFile
  private let layout: ImageLayout
  private let column: LabelColumn
  private let maximum: Double
  private let labels: [Int]
  /// Where the rows lie, in bytes.
  private let rows: [Range<Int>]

  /// The images of a file; a first line without numbers is a heading.
  /// - Throws: `FileError` that names the line for anything but numbers, uneven rows and labels that are not whole.
  init(
    _ file: SourceFile, label column: LabelColumn, layout: ImageLayout?, maximum: Double, _ workplace: ImportWorkplace
  ) throws(FileError) {
    var labels: [Int] = []
    var rows: [Range<Int>] = []
    var columns = 0
    try Self.lines(of: file, workplace) { number, offset, line throws(FileError) in
      guard let fields = try Self.fields(line, number: number, path: file.path) else { return }
      guard fields.count >= 2 else {
        throw Self.error(file.path, number, "one column", expected: "a label and at least one value")
      }
      if rows.isEmpty { columns = fields.count }
      guard fields.count == columns else {
        throw Self.error(
          file.path, number, "\(fields.count) columns", expected: "\(columns) as in the rows before")
      }
      let value = column == .first ? fields[0] : fields[columns - 1]
      guard let label = Int32(exactly: value) else {
        throw Self.error(
          file.path, number, "label \(value)", expected: "a whole number in the \(column.rawValue) column")
      }
      labels.append(Int(label))
      rows.append(offset..<offset + line.count)
    }
    guard !rows.isEmpty else {
      throw FileError(
        what: "no rows in it", path: file.path, expected: "numbers separated by commas",
        action: "check that it is the right file")
    }
    self.layout = try ImageLayout(of: [rows.count, columns - 1], given: layout, path: file.path)
    (self.file, self.column, self.maximum, self.labels, self.rows) = (file, column, maximum, labels, rows)
  }

  var count: Int { labels.count }
  func label(at index: Int) -> Int { labels[index] }
  func name(at index: Int) -> String { "\(file.path), image \(index)" }

  func image(at index: Int) throws(FileError) -> Image {
    let line = try file.bytes(rows[index].count, at: rows[index].lowerBound)
    let fields = try Self.fields(line[...], number: index + 1, path: file.path) ?? []
    let values = column == .first ? fields.dropFirst() : fields.dropLast()
    var pixels: [UInt8] = []
    pixels.reserveCapacity(layout.count)
    for value in values {
      guard let sample = Datasets.sample(value, maximum: maximum) else {
        throw FileError(
          what: "value \(value) in row \(index + 1)", path: file.path, expected: "0 to \(maximum)",
          action: "set the largest value that the samples take")
      }
      pixels.append(sample)
    }
    guard pixels.count == layout.count else {
      throw FileError(
        what: "row \(index + 1) has changed", path: file.path, expected: "\(layout.count) values",
        action: "leave the file alone while it is read")
    }
    return Image(height: layout.height, width: layout.width, channels: layout.channels, pixels: pixels)
  }

  /// Hands on each line with its number from 1 on and its offset in bytes, without the line feed.
  private static func lines(
    of file: SourceFile, _ workplace: ImportWorkplace,
    _ body: (_ number: Int, _ offset: Int, _ line: ArraySlice<UInt8>) throws(FileError) -> Void
  ) throws(FileError) {
    var (number, offset) = (0, 0)
    // The beginning of a line that continues in the next piece, at `offset`.
    var rest: [UInt8] = []
    try file.scan { piece throws(FileError) in
      try workplace.check()
      let bytes = rest.isEmpty ? piece : rest + piece
      var start = 0
      // What is left of the last piece holds no line feed.
      var searched = rest.count
      while let end = bytes[searched...].firstIndex(of: UInt8(ascii: "\n")) {
        number += 1
        try body(number, offset + start, bytes[start..<end])
        start = end + 1
        searched = start
      }
      rest = Array(bytes[start...])
      offset += start
      guard rest.count <= longestLine else {
        throw error(file.path, number + 1, "more than \(longestLine) bytes", expected: "shorter lines")
      }
      return true
    }
    if !rest.isEmpty { try body(number + 1, offset, rest[...]) }
  }

  /// The numbers of a line; nil if it is empty or a heading.
  private static func fields(
    _ line: ArraySlice<UInt8>, number lineNumber: Int, path: String
  ) throws(FileError) -> [Double]? {
    let text = line.last == UInt8(ascii: "\r") ? line.dropLast() : line
    if text.allSatisfy({ $0 == UInt8(ascii: " ") }) { return nil }
    var fields: [Double] = []
    var position = text.startIndex
    while position <= text.endIndex {
      let comma = text[position...].firstIndex(of: UInt8(ascii: ",")) ?? text.endIndex
      guard let number = number(text[position..<comma]) else {
        if lineNumber == 1 && fields.isEmpty { return nil }
        throw error(
          path, lineNumber, "field \(fields.count + 1) is not a number", expected: "numbers separated by commas")
      }
      fields.append(number)
      position = comma + 1
    }
    return fields
  }

  /// A number: digits alone are read at once, anything else as the standard library reads it.
  private static func number(_ text: ArraySlice<UInt8>) -> Double? {
    if (1...9).contains(text.count), text.allSatisfy({ $0 >= 48 && $0 <= 57 }) {
      return Double(text.reduce(0) { $0 * 10 + Int($1) - 48 })
    }
    let trimmed = text.drop { $0 == 32 }
    return Double(String(decoding: trimmed.prefix { $0 != 32 }, as: UTF8.self))
  }

  private static func error(_ path: String, _ line: Int, _ what: String, expected: String) -> FileError {
    FileError(what: "line \(line): \(what)", path: path, expected: expected, action: "correct the line")
  }
}
