internal import Support
internal import Training

/// Counts of predictions by true class, shaded by their share of a row.
struct HeatMap {
  var title: String
  var classes: [String]
  /// `counts[true class][predicted class]`.
  var counts: [[Int]]
  /// The classes that can be predicted.
  var columns: [String]
  /// For each row the column that is right.
  var right: [Int]
  var width = 460.0

  /// - Parameters:
  ///   - columns: nil where they are the rows' classes.
  ///   - right: nil where it is the same class.
  init(
    title: String, classes: [String], counts: [[Int]], columns: [String]? = nil, right: [Int]? = nil,
    width: Double = 460
  ) {
    (self.title, self.classes, self.counts, self.width) = (title, classes, counts, width)
    (self.columns, self.right) = (columns ?? classes, right ?? Array(classes.indices))
  }

  private static func short(_ name: String) -> String { name.count > 14 ? String(name.prefix(13)) + "…" : name }

  var svg: String {
    let (names, predicted) = (classes.map(Self.short), columns.map(Self.short))
    let margin = 24 + (names.map(SVG.width).max() ?? 0)
    let side = (width - margin - 6) / Double(max(columns.count, 1))
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
          "\(classes[row]) predicted as \(columns[column]): \(count) of \(total), \((100 * share).formatted(digits: 1)) %"
        body +=
          "<rect class=\"mark cell \(right[row] == column ? "c2" : "c1")\" x=\"\(SVG.number(x))\" y=\"\(SVG.number(y))\" "
        body += "width=\"\(SVG.number(side - 1))\" height=\"\(SVG.number(side - 1))\" "
        body += "style=\"--share:\(share.formatted(digits: 2))\"><title>\(Markup.escaped(tip))</title></rect>\n"
        if hasNumbers {
          body += SVG.text(x + side / 2, y + side / 2 + 4, (100 * share).formatted(digits: 0), style: "label inside")
        }
      }
    }
    let bottom = 6 + side * Double(classes.count)
    for (column, name) in predicted.enumerated() where side >= 11 {
      body += SVG.text(margin + side * (Double(column) + 0.5) + 3, bottom + 14, name, anchor: "end", turned: -45)
    }
    let height = bottom + 20 + 0.75 * (predicted.map(SVG.width).max() ?? 0)
    return SVG.drawing(body, width: width, height: height, name: title)
  }
}
