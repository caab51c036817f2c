/// Where the label stands in a row of a CSV file.
package enum LabelColumn: String, Sendable, CaseIterable {
  case first, last
}

/// Rows of comma-separated numbers with the label in one of the columns.
enum CSVFile {
  /// What a CSV file holds: one label a row, and `columns` values a row in row-major order.
  struct Rows {
    var labels: [Int] = []
    var values: [Double] = []
    var columns = 0
  }

  /// The rows of a CSV file, gzip or plain; a first line without numbers is a heading.
  /// - Throws: `StorageError` that names the line for anything but numbers, uneven rows and labels that are not whole.
  static func read(_ path: String, label column: LabelColumn) throws(StorageError) -> Rows {
    let bytes = try FileBytes.readInflated(path)
    var rows = Rows()
    var fields: [Double] = []
    var start = 0
    var line = 0
    while start < bytes.count {
      line += 1
      let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
      var text = bytes[start..<end]
      start = end + 1
      if text.last == UInt8(ascii: "\r") { text = text.dropLast() }
      if text.allSatisfy({ $0 == UInt8(ascii: " ") }) { continue }
      fields.removeAll(keepingCapacity: true)
      var position = text.startIndex
      while position <= text.endIndex {
        let comma = text[position...].firstIndex(of: UInt8(ascii: ",")) ?? text.endIndex
        guard let number = number(text[position..<comma]) else {
          if line == 1 && fields.isEmpty { break }
          throw error(path, line, "field \(fields.count + 1) is not a number", expected: "numbers parted by commas")
        }
        fields.append(number)
        position = comma + 1
      }
      if fields.isEmpty { continue }
      try append(fields, to: &rows, label: column, path: path, line: line)
    }
    guard !rows.labels.isEmpty else {
      throw StorageError(
        what: "no rows in it", path: path, expected: "numbers parted by commas",
        action: "check that it is the right file")
    }
    return rows
  }

  private static func append(
    _ fields: [Double], to rows: inout Rows, label column: LabelColumn, path: String, line: Int
  ) throws(StorageError) {
    guard fields.count >= 2 else {
      throw error(path, line, "one column", expected: "a label and at least one value")
    }
    if rows.labels.isEmpty { rows.columns = fields.count - 1 }
    guard fields.count == rows.columns + 1 else {
      throw error(path, line, "\(fields.count) columns", expected: "\(rows.columns + 1) as in the rows before")
    }
    let number = column == .first ? fields[0] : fields[fields.count - 1]
    guard let label = Int32(exactly: number) else {
      throw error(path, line, "label \(number)", expected: "a whole number in the \(column.rawValue) column")
    }
    rows.labels.append(Int(label))
    rows.values += column == .first ? fields[1...] : fields[..<rows.columns]
  }

  /// A number: digits alone are read at once, anything else as the standard library reads it.
  private static func number(_ text: ArraySlice<UInt8>) -> Double? {
    if (1...9).contains(text.count), text.allSatisfy({ $0 >= 48 && $0 <= 57 }) {
      return Double(text.reduce(0) { $0 * 10 + Int($1) - 48 })
    }
    let trimmed = text.drop { $0 == 32 }
    return Double(String(decoding: trimmed.prefix { $0 != 32 }, as: UTF8.self))
  }

  private static func error(_ path: String, _ line: Int, _ what: String, expected: String) -> StorageError {
    StorageError(what: "line \(line): \(what)", path: path, expected: expected, action: "correct the line")
  }
}
