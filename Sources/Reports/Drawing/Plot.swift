internal import Datasets
internal import Studies
internal import Support
internal import Training

/// Points and lines over two axes, as SVG; every mark shows its values on hover.
struct Plot {
  struct Point {
    var x: Double
    var y: Double
    var low: Double?
    var high: Double?
    var text = ""
    /// Directories of the runs behind it.
    var runs: [String] = []
  }

  struct Series {
    enum Style { case points, line, band }
    var name: String
    var look: SVG.Look
    var style = Style.points
    var points: [Point]
  }

  /// The kind of the horizontal axis.
  enum Scale {
    case linear
    /// A logarithmic axis.
    case factors
    /// Places 1, 2, …
    case names([String])
  }

  var title: String
  var xLabel: String
  var yLabel: String
  var series: [Series]
  var scale = Scale.linear
  var width = 720.0
  var height = 380.0
  /// Whether 0 is marked on the y axis.
  var hasZeroLine = false
  /// Digits of values.
  var digits = 2
  var xDigits = 3
  /// Whether points have their texts beside them, where there is room.
  var hasLabels = false

  private let left = 62.0
  private var right: Double { width - 26 }
  private var top: Double { 14 }
  /// Names of places may be long, and then are turned.
  private var areTurned: Bool {
    guard case .names(let names) = scale else { return false }
    return names.contains { SVG.width(of: $0) > (right - left) / Double(names.count) - 6 }
  }
  private var bottom: Double {
    guard areTurned, case .names(let names) = scale else { return height - 48 }
    return height - 42 - 0.75 * (names.map(SVG.width).max() ?? 0)
  }

  var svg: String {
    let points = series.flatMap(\.points)
    let xs: Axis
    switch scale {
    case .linear: xs = Axis(points.map(\.x), from: left, to: right)
    case .factors: xs = Axis(factorsOf: points.map(\.x), from: left, to: right)
    case .names(let names): xs = Axis(names: names, from: left, to: right)
    }
    let ys = Axis(
      points.flatMap { [$0.y, $0.low ?? $0.y, $0.high ?? $0.y] } + (hasZeroLine ? [0] : []), from: bottom, to: top)
    var body = grid(xs, ys)
    if hasZeroLine { body += SVG.line(left, ys.place(0), right, ys.place(0), "zero") }
    for one in series { body += area(of: one, xs, ys) }
    for one in series { body += marks(of: one, xs, ys) }
    if hasLabels { body += labels(xs, ys) }
    return SVG.drawing(body, width: width, height: height, name: title)
      + SVG.legend(series.map { ($0.name, $0.look) })
  }

  /// The plotted numbers.
  var numbers: DataTable {
    let hasIntervals = series.contains { $0.points.contains { $0.low != nil } }
    var table = DataTable(
      columns: ["series", "what", xLabel, yLabel] + (hasIntervals ? ["low", "high"] : []), leading: 2)
    for one in series {
      for point in one.points {
        let interval = [point.low, point.high].map { DataTable.Field.number($0, digits: digits) }
        table.add(
          [.text(one.name), .text(point.text), .number(point.x, digits: xDigits), .number(point.y, digits: digits)]
            + (hasIntervals ? interval : []), runs: point.runs)
      }
    }
    return table
  }

  private func x(_ point: Point, _ axis: Axis) -> Double {
    if case .factors = scale { return axis.place(Axis.factor(point.x)) }
    return axis.place(point.x)
  }

  private func area(of series: Series, _ xs: Axis, _ ys: Axis) -> String {
    func corner(_ point: Point, _ y: Double) -> String { "\(SVG.number(x(point, xs))),\(SVG.number(ys.place(y)))" }
    var body = ""
    if series.style == .band, series.points.contains(where: { $0.low != nil }) {
      let corners =
        series.points.map { corner($0, $0.high ?? $0.y) } + series.points.reversed().map { corner($0, $0.low ?? $0.y) }
      body += "<polygon class=\"band \(series.look.style)\" points=\"\(corners.joined(separator: " "))\"/>\n"
    }
    if series.style != .points, series.points.count > 1 {
      let corners = series.points.map { corner($0, $0.y) }
      body += "<polyline class=\"line \(series.look.style)\" points=\"\(corners.joined(separator: " "))\"/>\n"
    }
    return body
  }

  private func marks(of series: Series, _ xs: Axis, _ ys: Axis) -> String {
    series.points.map { point in
      let place = x(point, xs)
      var body = ""
      if series.style != .band, let low = point.low, let high = point.high {
        body += SVG.line(place, ys.place(low), place, ys.place(high), "whisker \(series.look.style)")
      }
      return body
        + SVG.mark(
          place, ys.place(point.y), series.look, small: series.style == .band, tip: tip(of: point, in: series))
    }.joined()
  }

  private func tip(of point: Point, in series: Series) -> String {
    var lines = [[series.name, point.text].filter { !$0.isEmpty }.joined(separator: ": ")]
    if case .names = scale {} else { lines.append("\(xLabel) \(point.x.formatted(digits: xDigits))") }
    var value = "\(yLabel) \(point.y.formatted(digits: digits))"
    if let low = point.low, let high = point.high {
      value += " (\(low.formatted(digits: digits)) to \(high.formatted(digits: digits)))"
    }
    return (lines + [value]).joined(separator: "\n")
  }

  private func grid(_ xs: Axis, _ ys: Axis) -> String {
    var body = ""
    for tick in ys.ticks {
      body += SVG.line(left, ys.place(tick.value), right, ys.place(tick.value), "grid")
      body += SVG.text(left - 7, ys.place(tick.value) + 4, tick.label, anchor: "end")
    }
    for tick in xs.ticks {
      let place = xs.place(tick.value)
      body += SVG.line(place, bottom, place, bottom + 5, "axis")
      body +=
        areTurned
        ? SVG.text(place + 3, bottom + 16, tick.label, anchor: "end", turned: -45)
        : SVG.text(place, bottom + 19, tick.label)
    }
    body += SVG.line(left, bottom, right, bottom, "axis")
    body += SVG.text((left + right) / 2, height - 8, xLabel)
    return body + SVG.text(16, (top + bottom) / 2, yLabel, turned: -90)
  }

  /// Texts of points, those that hide neither a point nor another text.
  private func labels(_ xs: Axis, _ ys: Axis) -> String {
    typealias Box = (left: Double, top: Double, right: Double, bottom: Double)
    func meet(_ a: Box, _ b: Box) -> Bool {
      a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom
    }
    let marked = series.filter { $0.style == .points }.flatMap(\.points)
    var taken = marked.map { point -> Box in
      let (x, y) = (x(point, xs), ys.place(point.y))
      return (x - 5, y - 5, x + 5, y + 5)
    }
    var body = ""
    for point in marked where !point.text.isEmpty {
      let (x, y) = (x(point, xs), ys.place(point.y))
      let wide = SVG.width(of: point.text)
      let boxes: [(Box, String)] = [
        ((x + 8, y - 8, x + 8 + wide, y + 6), "start"), ((x - 8 - wide, y - 8, x - 8, y + 6), "end"),
      ]
      guard
        let (box, anchor) = boxes.first(where: { box, _ in
          box.left > left && box.right < right && !taken.contains { meet($0, box) }
        })
      else { continue }
      taken.append(box)
      body += SVG.text(anchor == "start" ? box.left : box.right, y + 4, point.text, anchor: anchor)
    }
    return body
  }
}
