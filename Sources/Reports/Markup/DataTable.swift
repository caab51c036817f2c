internal import Statistics
internal import Studies
internal import Support
internal import Training

/// A table of the report: rounded as HTML, with all digits and the runs behind each row as CSV.
struct DataTable {
  enum Field {
    case text(String)
    case number(Double?, digits: Int, isSigned: Bool = false)
    /// An interval in accuracy, shown in percentage points; three columns as CSV.
    case interval(Interval?)
    /// An estimate in accuracy, shown in percentage points; two columns as CSV.
    case estimate(Estimate?, isSigned: Bool = false)
  }

  private struct Row {
    var fields: [Field]
    var runs: [String]
  }

  var columns: [String]
  /// So many columns are text.
  var leading = 1
  /// Whether a link of each row leads to its runs in the table of runs.
  var hasLinks: Bool
  private var rows: [Row] = []

  init(columns: [String], leading: Int = 1, hasLinks: Bool = false) {
    (self.columns, self.leading, self.hasLinks) = (columns, leading, hasLinks)
  }

  var isEmpty: Bool { rows.isEmpty }
  /// Whether it is too long to print; the CSV file has it.
  var isLong: Bool { rows.count > 60 }

  /// - Parameter runs: directories of the runs that the row's numbers come from.
  mutating func add(_ fields: [Field], runs: [String] = []) { rows.append(Row(fields: fields, runs: runs)) }

  /// Sorts by a click on a heading.
  var html: String {
    let header = (columns + (hasLinks ? ["runs"] : [])).enumerated().map { index, name in
      "<th scope=\"col\"\(index < leading ? " class=\"text\"" : "")>\(Markup.escaped(name))</th>"
    }
    let lines = rows.map { row in
      var cells = row.fields.enumerated().map { index, field in
        let text = Markup.escaped(Self.shown(field))
        return index < leading ? "<td class=\"text\">\(text)</td>" : "<td>\(text)</td>"
      }
      if hasLinks {
        let names = Markup.escaped(row.runs.joined(separator: " "))
        cells.append("<td><a href=\"#runs\" data-runs=\"\(names)\">\(row.runs.count)</a></td>")
      }
      return "<tr>\(cells.joined())</tr>\n"
    }
    return
      "<div class=\"wide\(isLong ? " tall" : "")\(columns.count > 10 ? " broad" : "")\"><table>\n<thead><tr>\(header.joined())</tr></thead>\n<tbody>\n\(lines.joined())"
      + "</tbody></table></div>\n"
  }

  /// Every digit, in the units shown; the last column names the runs' directories.
  var csv: CSVText {
    var names: [String] = []
    for (index, name) in columns.enumerated() {
      switch rows.first?.fields[index] {
      case .interval: names += [name, name + " low", name + " high"]
      case .estimate: names += [name, name + " standard error"]
      default: names.append(name)
      }
    }
    var table = CSVText(header: names + ["runs"])
    for row in rows { table.add(row.fields.flatMap(Self.exact) + [row.runs.joined(separator: " ")]) }
    return table
  }

  private static func shown(_ field: Field) -> String {
    switch field {
    case .text(let text): text
    case .number(let value, let digits, let isSigned):
      value.map { (isSigned && $0 > 0 ? "+" : "") + $0.formatted(digits: digits) } ?? "–"
    case .interval(let interval): interval?.points ?? "–"
    case .estimate(let estimate, let isSigned): estimate?.percent(signed: isSigned) ?? "–"
    }
  }

  private static func exact(_ field: Field) -> [String] {
    func text(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
    return switch field {
    case .text(let words): [words]
    case .number(let value, digits: _, isSigned: _): [text(value)]
    case .interval(let interval):
      [interval?.estimate, interval?.lower, interval?.upper].map { text($0.map { 100 * $0 }) }
    case .estimate(let estimate, isSigned: _):
      [estimate?.mean, estimate?.standardError].map { text($0.map { 100 * $0 }) }
    }
  }
}
