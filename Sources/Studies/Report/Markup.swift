/// Text for HTML and SVG.
enum Markup {
  /// The text with what has a meaning in markup written as entities.
  static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;")
  }

  /// A table that sorts by a click on a heading; cells that are numbers sort as such.
  static func table(_ header: [String], _ rows: [[String]], leading: Int = 1) -> String {
    func line(_ cells: [String], _ tag: String) -> String {
      let cells = cells.enumerated().map { index, cell in
        "<\(tag)\(index < leading ? " class=\"text\"" : "")>\(cell)</\(tag)>"
      }
      return "<tr>\(cells.joined())</tr>\n"
    }
    return "<div class=\"wide\"><table>\n<thead>\(line(header.map(escaped), "th"))</thead>\n<tbody>\n"
      + rows.map { line($0.map(escaped), "td") }.joined() + "</tbody></table></div>\n"
  }
}

/// A figure of the report with the numbers that it shows.
struct Figure {
  /// The name of its CSV file.
  var name: String
  var title: String
  var caption: String
  var svg: String
  var csv: CSVText

  var html: String {
    "<figure id=\"\(name)\">\n<h3>\(Markup.escaped(title))</h3>\n<div class=\"plot\">\(svg)</div>\n<figcaption>\(Markup.escaped(caption)) "
      + "<a href=\"\(name).csv\">\(name).csv</a></figcaption>\n</figure>\n"
  }
}
