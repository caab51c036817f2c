internal import Support
internal import Training

/// Pieces of a drawing.
enum SVG {
  /// The look of a series: a color of the palette, and a symbol for color-blind readers.
  struct Look {
    var color: Int
    var symbol = 0
    var isDashed = false

    /// The look of a study's arm, the same in every figure.
    init(arm index: Int, isDashed: Bool = false) {
      (color, symbol, self.isDashed) = (index % SVG.colors, index % SVG.symbols.count, isDashed)
    }

    /// The look of a reference that is there for comparison only.
    static let faint: Look = {
      var look = Look(arm: 0)
      look.color = SVG.colors
      return look
    }()

    var style: String { "c\(color)\(isDashed ? " dashed" : "")" }
  }

  /// Colors for arms; the one after them is gray.
  static let colors = 8

  /// Outlines about the origin, of about equal areas.
  static let symbols = [
    "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0 -8 0Z", "M-3.6 -3.6H3.6V3.6H-3.6Z", "M0 -4.9L4.6 3.4H-4.6Z",
    "M0 -5.1L5.1 0L0 5.1L-5.1 0Z",
    "M-5 -1.7H-1.7V-5H1.7V-1.7H5V1.7H1.7V5H-1.7V1.7H-5Z",
  ]

  /// The outlines' definitions, which a page has once.
  static var definitions: String {
    let paths = symbols.enumerated().map { "<path id=\"s\($0.offset)\" d=\"\($0.element)\"/>" }
    return
      "<svg width=\"0\" height=\"0\" aria-hidden=\"true\" class=\"definitions\"><defs>\(paths.joined())</defs></svg>\n"
  }

  /// A drawing with an accessible name.
  static func drawing(_ body: String, width: Double, height: Double, name: String) -> String {
    "<svg viewBox=\"0 0 \(number(width)) \(number(height))\" width=\"\(number(width))\" role=\"group\" tabindex=\"0\" "
      + "aria-label=\"\(Markup.escaped(name))\">\n\(body)</svg>\n"
  }

  static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ style: String) -> String {
    "<line class=\"\(style)\" x1=\"\(number(x1))\" y1=\"\(number(y1))\" x2=\"\(number(x2))\" y2=\"\(number(y2))\"/>\n"
  }

  static func text(
    _ x: Double, _ y: Double, _ words: String, anchor: String = "middle", style: String = "label", turned: Double? = nil
  ) -> String {
    let place =
      turned.map { "transform=\"translate(\(number(x)),\(number(y))) rotate(\(number($0)))\"" }
      ?? "x=\"\(number(x))\" y=\"\(number(y))\""
    return "<text class=\"\(style)\" \(place) text-anchor=\"\(anchor)\">\(Markup.escaped(words))</text>\n"
  }

  /// A symbol that shows its values on hover.
  static func mark(_ x: Double, _ y: Double, _ look: Look, small: Bool = false, tip: String) -> String {
    "<use class=\"mark\(small ? " small" : "") \(look.style)\" href=\"#s\(look.symbol)\" x=\"\(number(x))\" "
      + "y=\"\(number(y))\"><title>\(Markup.escaped(tip))</title></use>\n"
  }

  /// The legend.
  static func legend(_ items: [(name: String, look: Look)]) -> String {
    guard items.count > 1 else { return "" }
    let items = items.map { item in
      "<span><svg viewBox=\"-6 -6 12 12\" class=\"key\" aria-hidden=\"true\"><use class=\"mark \(item.look.style)\" "
        + "href=\"#s\(item.look.symbol)\"/></svg>\(Markup.escaped(item.name))</span>"
    }
    return "<p class=\"legend\">\(items.joined(separator: " "))</p>\n"
  }

  /// A coordinate: a tenth of a pixel is enough.
  static func number(_ value: Double) -> String {
    let text = value.formatted(digits: 1)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// About how wide a label is.
  static func width(of label: String) -> Double { 6.4 * Double(label.count) }
}
