internal import Training

#if canImport(Glibc)
  internal import Glibc
#endif

/// Points and lines over two axes, as SVG; every mark tells its values when the pointer rests on it.
struct Plot {
  struct Point {
    var x: Double
    var y: Double
    var low: Double?
    var high: Double?
    var text = ""
  }

  struct Series {
    enum Style { case points, line, band }
    var name: String
    /// A place in the palette.
    var colour: Int
    var style = Style.points
    var isDashed = false
    var points: [Point]
  }

  var xLabel: String
  var yLabel: String
  var series: [Series]
  var width = 640.0
  var height = 360.0
  /// Whether 0 is marked on the y axis.
  var hasZeroLine = false
  /// Digits of values in tooltips.
  var digits = 2

  var svg: String {
    let points = series.flatMap(\.points)
    let xs = Axis(points.map(\.x), from: 58, to: width - 12)
    let ys = Axis(
      points.flatMap { [$0.y, $0.low ?? $0.y, $0.high ?? $0.y] } + (hasZeroLine ? [0] : []), from: height - 46, to: 12)
    var body = grid(xs, ys)
    if hasZeroLine { body += line(58, ys.place(0), width - 12, ys.place(0), "zero") }
    for one in series { body += marks(of: one, xs, ys) }
    return frame(body, height: height) + legend
  }

  var csv: CSVText {
    var table = CSVText(header: ["series", "x", "y", "low", "high", "note"])
    for one in series {
      for point in one.points {
        table.add([
          one.name, "\(point.x)", "\(point.y)", point.low.map { "\($0)" } ?? "", point.high.map { "\($0)" } ?? "",
          point.text,
        ])
      }
    }
    return table
  }

  private func marks(of series: Series, _ xs: Axis, _ ys: Axis) -> String {
    let places = series.points.map { "\(number(xs.place($0.x))),\(number(ys.place($0.y)))" }
    let dashes = series.isDashed ? " dashed" : ""
    var body = ""
    if series.style == .band {
      let upper = series.points.map { "\(number(xs.place($0.x))),\(number(ys.place($0.high ?? $0.y)))" }
      let lower = series.points.reversed().map { "\(number(xs.place($0.x))),\(number(ys.place($0.low ?? $0.y)))" }
      body += "<polygon class=\"band c\(series.colour)\" points=\"\((upper + lower).joined(separator: " "))\"/>\n"
    }
    if series.style != .points, places.count > 1 {
      body += "<polyline class=\"line c\(series.colour)\(dashes)\" points=\"\(places.joined(separator: " "))\"/>\n"
    }
    for point in series.points {
      let (x, y) = (xs.place(point.x), ys.place(point.y))
      if series.style == .points, let low = point.low, let high = point.high {
        body += line(x, ys.place(low), x, ys.place(high), "whisker c\(series.colour)")
      }
      let note = Markup.escaped(
        "\(series.name) \(point.text) — \(xLabel): \(point.x.formatted(digits: 3)), \(yLabel): "
          + point.y.formatted(digits: digits)
          + (point.low.map { " (\($0.formatted(digits: digits)) to \((point.high ?? $0).formatted(digits: digits)))" }
            ?? ""))
      let radius = series.style == .points ? 4 : 2.5
      body +=
        "<circle class=\"dot c\(series.colour)\(dashes)\" cx=\"\(number(x))\" cy=\"\(number(y))\" r=\"\(radius)\">"
      body += "<title>\(note)</title></circle>\n"
    }
    return body
  }

  private func grid(_ xs: Axis, _ ys: Axis) -> String {
    var body = ""
    for tick in ys.ticks {
      body += line(58, ys.place(tick), width - 12, ys.place(tick), "grid")
      body += text(52, ys.place(tick) + 4, ys.label(tick), "end")
    }
    for tick in xs.ticks {
      body += line(xs.place(tick), height - 46, xs.place(tick), height - 41, "axis")
      body += text(xs.place(tick), height - 27, xs.label(tick), "middle")
    }
    body += line(58, height - 46, width - 12, height - 46, "axis")
    body += text((58 + width - 12) / 2, height - 8, xLabel, "middle")
    body += "<text class=\"label\" text-anchor=\"middle\" transform=\"translate(14,\(number((height - 34) / 2))) "
    body += "rotate(-90)\">\(Markup.escaped(yLabel))</text>\n"
    return body
  }

  private var legend: String {
    let named = series.filter { !$0.name.isEmpty }
    guard named.count > 1 else { return "" }
    let items = named.map { one in
      "<span><i class=\"c\(one.colour)\(one.isDashed ? " dashed" : "")\"></i>\(Markup.escaped(one.name))</span>"
    }
    return "<p class=\"legend\">\(items.joined(separator: " "))</p>\n"
  }

  private func frame(_ body: String, height: Double) -> String {
    "<svg viewBox=\"0 0 \(number(width)) \(number(height))\" role=\"img\">\n\(body)</svg>\n"
  }

  private func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String) -> String {
    "<line class=\"\(style)\" x1=\"\(number(x1))\" y1=\"\(number(y1))\" x2=\"\(number(x2))\" y2=\"\(number(y2))\"/>\n"
  }

  private func text(_ x: Double, _ y: Double, _ words: String, _ anchor: String) -> String {
    "<text class=\"label\" x=\"\(number(x))\" y=\"\(number(y))\" text-anchor=\"\(anchor)\">\(Markup.escaped(words))</text>\n"
  }
}

/// A coordinate in an SVG: a tenth of a pixel is enough.
func number(_ value: Double) -> String { value.formatted(digits: 1) }

/// Values on a line of pixels, with round ticks.
struct Axis {
  let low: Double
  let high: Double
  let step: Double
  let from: Double
  let to: Double

  init(_ values: [Double], from: Double, to: Double) {
    (self.from, self.to) = (from, to)
    let finite = values.filter(\.isFinite)
    var (least, most) = (finite.min() ?? 0, finite.max() ?? 1)
    if most - least < 1e-9 { (least, most) = (least - 0.5, most + 0.5) }
    let rough = (most - least) / 5
    let power = pow(10, floor(log10(rough)))
    step = power * ([1, 2, 2.5, 5, 10].first { $0 * power >= rough } ?? 10)
    low = floor(least / step) * step
    high = ceil(most / step) * step
  }

  var ticks: [Double] { stride(from: low, through: high + step / 2, by: step).map { abs($0) < step / 1e6 ? 0 : $0 } }
  func place(_ value: Double) -> Double { from + (value - low) / (high - low) * (to - from) }
  func label(_ value: Double) -> String {
    let digits = (0...6).first { digits in
      let scaled = step * pow(10, Double(digits))
      return abs(scaled - scaled.rounded()) < 1e-6
    }
    return value.formatted(digits: digits ?? 6)
  }
}
