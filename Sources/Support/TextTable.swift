/// A plain-text table: the leading columns are aligned left, the others right.
package struct TextTable: Sendable, Equatable {
  /// The title of each column.
  package var header: [String]
  /// The cells of each row.
  package var rows: [[String]]
  /// The number of columns, from the first, that are aligned left.
  package var leading: Int

  /// A table; default: only the first column is aligned left.
  package init(header: [String], rows: [[String]] = [], leading: Int = 1) {
    (self.header, self.rows, self.leading) = (header, rows, leading)
  }

  /// The lines, each with a final line feed and without trailing spaces; a rule separates the header.
  package var text: String {
    let widths = header.indices.map { column in
      ([header] + rows).map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    func line(_ cells: [String]) -> String {
      var line = ""
      for (column, cell) in cells.enumerated() {
        let padding = String(repeating: " ", count: max(0, widths[column] - cell.count))
        line += (column == 0 ? "" : "  ") + (column < leading ? cell + padding : padding + cell)
      }
      while line.last == " " { line.removeLast() }
      return line + "\n"
    }
    let rule = widths.map { String(repeating: "─", count: $0) }.joined(separator: "  ") + "\n"
    return line(header) + rule + rows.map(line).joined()
  }
}

extension BinaryFloatingPoint {
  /// The number with `digits` decimal places, independent of locale.
  package func formatted(digits: Int) -> String {
    guard isFinite else { return isNaN ? "nan" : self < 0 ? "-inf" : "inf" }
    let scale = (0..<digits).reduce(1.0) { scale, _ in scale * 10 }
    let scaled = (abs(Double(self)) * scale).rounded()
    guard scaled < 0x1p53 else { return "\(self)" }
    let whole = Int(scaled)
    let sign = self < 0 && whole != 0 ? "-" : ""
    guard digits > 0 else { return sign + "\(whole)" }
    let fraction = String(whole % Int(scale))
    return sign + "\(whole / Int(scale))." + String(repeating: "0", count: digits - fraction.count) + fraction
  }
}
