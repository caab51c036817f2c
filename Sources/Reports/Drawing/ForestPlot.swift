internal import Statistics
internal import Studies
internal import Support
internal import Training

/// Estimates with their intervals in rows, about 0.
struct ForestPlot {
  struct Row {
    var label: String
    var interval: Interval
    /// By Holm.
    var p: Double?
    var note = ""
    /// Whether it is less important, and drawn fainter.
    var isFaint = false
    /// Whether it summarizes other rows, and is drawn as a diamond.
    var isSummary = false
    /// Directories of the runs behind it.
    var runs: [String] = []
  }

  var title: String
  var xLabel: String
  /// Values are in accuracy and shown in points.
  var rows: [Row]
  var width = 720.0

  var svg: String {
    let left = min(270, 22 + (rows.map { SVG.width(of: $0.label) }.max() ?? 0))
    let step = rows.count > 24 ? 18.0 : 24.0
    let bottom = step * Double(rows.count) + 10
    let numbersWidth = 148.0
    let axis = Axis(
      rows.flatMap { [100 * $0.interval.lower, 100 * $0.interval.upper] } + [0], from: left,
      to: width - numbersWidth - 12)
    var body = ""
    for tick in axis.ticks {
      let x = axis.place(tick.value)
      body += SVG.line(x, 4, x, bottom, abs(tick.value) < 1e-9 ? "zero" : "grid")
      body += SVG.text(x, bottom + 16, tick.label)
    }
    for (index, row) in rows.enumerated() {
      let y = step * (Double(index) + 0.5) + 4
      let (low, high) = (axis.place(100 * row.interval.lower), axis.place(100 * row.interval.upper))
      let middle = axis.place(100 * row.interval.estimate)
      var look = row.isFaint ? SVG.Look.faint : SVG.Look(arm: 0)
      if row.isSummary, index > 0, !rows[index - 1].isSummary {
        body += SVG.line(0, y - step / 2, width, y - step / 2, "grid")
      }
      body += SVG.text(left - 12, y + 4, row.label, anchor: "end", style: row.isSummary ? "label strong" : "label")
      body += SVG.line(low, y, high, y, "whisker \(look.style)")
      if row.isSummary { look.symbol = 3 }
      let tip = [
        "\(row.label): \(row.interval.points) points", row.p.map { "p \($0.formatted(digits: 4))" } ?? "", row.note,
      ]
      body += SVG.mark(middle, y, look, tip: tip.filter { !$0.isEmpty }.joined(separator: "\n"))
      body += SVG.text(
        width - 2, y + 4, row.interval.points, anchor: "end", style: row.isSummary ? "label strong" : "label")
    }
    body += SVG.text((left + width - numbersWidth - 12) / 2, bottom + 34, xLabel)
    return SVG.drawing(body, width: width, height: bottom + 42, name: title)
  }

  /// The plotted numbers.
  var numbers: DataTable {
    var table = DataTable(columns: ["row", xLabel, "p", "note"])
    for row in rows {
      table.add(
        [.text(row.label), .interval(row.interval), .number(row.p, digits: 4), .text(row.note)], runs: row.runs)
    }
    return table
  }
}
