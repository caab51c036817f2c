internal import Support
internal import Training

/// Counts of predictions by true class, shaded by their share of a row.
struct HeatMap {
  var title: String
  var classes: [String]
  /// `counts[true class][predicted class]`.
  var counts: [[Int]]
  var width = 460.0

  var svg: String {
    let names = classes.map { $0.count > 14 ? String($0.prefix(13)) + "…" : $0 }
    let margin = 24 + (names.map(SVG.width).max() ?? 0)
    let side = (width - margin - 6) / Double(max(classes.count, 1))
    let hasNumbers = side >= 24
    var body = ""
    for (row, name) in names.enumerated() {
      let total = counts[row].reduce(0, +)
      let y = 6 + side * Double(row)
      if side >= 11 { body += SVG.text(margin - 6, y + side / 2 + 4, name, anchor: "end") }
      for (column, count) in counts[row].enumerated() where count > 0 {
        let share = Double(count) / Double(total)
        let x = margin + side * Double(column)
        let tip =
          "\(classes[row]) predicted as \(classes[column]): \(count) of \(total), \((100 * share).formatted(digits: 1)) %"
        body +=
          "<rect class=\"mark cell \(row == column ? "c2" : "c1")\" x=\"\(SVG.number(x))\" y=\"\(SVG.number(y))\" "
        body += "width=\"\(SVG.number(side - 1))\" height=\"\(SVG.number(side - 1))\" "
        body += "style=\"--share:\(share.formatted(digits: 2))\"><title>\(Markup.escaped(tip))</title></rect>\n"
        if hasNumbers {
          body += SVG.text(x + side / 2, y + side / 2 + 4, (100 * share).formatted(digits: 0), style: "label inside")
        }
      }
    }
    let bottom = 6 + side * Double(classes.count)
    for (column, name) in names.enumerated() where side >= 11 {
      body += SVG.text(margin + side * (Double(column) + 0.5) + 3, bottom + 14, name, anchor: "end", turned: -45)
    }
    let height = bottom + 20 + 0.75 * (names.map(SVG.width).max() ?? 0)
    return SVG.drawing(body, width: width, height: height, name: title)
  }
}
