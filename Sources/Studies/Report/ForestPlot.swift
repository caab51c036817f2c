internal import Training

/// Estimates with their intervals in rows, about 0.
struct ForestPlot {
  struct Row {
    var label: String
    var interval: Interval
    /// What else is to be told of it.
    var note = ""
    /// Whether it is of less weight, and drawn so.
    var isFaint = false
  }

  var xLabel: String
  /// Values are in accuracy and shown in points.
  var rows: [Row]
  var width = 640.0

  var svg: String {
    let left = min(260, 20 + 6.6 * Double(rows.map(\.label.count).max() ?? 0))
    let height = 24 * Double(rows.count) + 50
    let axis = Axis(
      rows.flatMap { [100 * $0.interval.lower, 100 * $0.interval.upper] } + [0], from: left, to: width - 12)
    var body = ""
    for tick in axis.ticks {
      let x = number(axis.place(tick))
      body +=
        "<line class=\"\(tick == 0 ? "zero" : "grid")\" x1=\"\(x)\" y1=\"4\" x2=\"\(x)\" y2=\"\(number(height - 44))\"/>\n"
      body +=
        "<text class=\"label\" x=\"\(x)\" y=\"\(number(height - 28))\" text-anchor=\"middle\">\(axis.label(tick))</text>\n"
    }
    for (index, row) in rows.enumerated() {
      let y = number(24 * Double(index) + 16)
      let interval = row.interval
      let (low, high) = (number(axis.place(100 * interval.lower)), number(axis.place(100 * interval.upper)))
      let style = row.isFaint ? "c7" : "c0"
      body +=
        "<text class=\"label\" x=\"\(number(left - 10))\" y=\"\(number(24 * Double(index) + 20))\" text-anchor=\"end\">"
      body += "\(Markup.escaped(row.label))</text>\n"
      body += "<line class=\"whisker \(style)\" x1=\"\(low)\" y1=\"\(y)\" x2=\"\(high)\" y2=\"\(y)\"/>\n"
      body +=
        "<circle class=\"dot \(style)\" cx=\"\(number(axis.place(100 * interval.estimate)))\" cy=\"\(y)\" r=\"4.5\">"
      body += "<title>\(Markup.escaped("\(row.label): \(interval.points) points \(row.note)"))</title></circle>\n"
    }
    body +=
      "<text class=\"label\" x=\"\(number((left + width) / 2))\" y=\"\(number(height - 8))\" text-anchor=\"middle\">"
    body += "\(Markup.escaped(xLabel))</text>\n"
    return "<svg viewBox=\"0 0 \(number(width)) \(number(height))\" role=\"img\">\n\(body)</svg>\n"
  }

  var csv: CSVText {
    var table = CSVText(header: ["row", "estimate", "low", "high", "p", "note"])
    for row in rows {
      let interval = row.interval
      table.add([
        row.label, "\(interval.estimate)", "\(interval.lower)", "\(interval.upper)", "\(interval.p)", row.note,
      ])
    }
    return table
  }
}
