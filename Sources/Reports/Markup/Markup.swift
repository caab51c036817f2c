internal import Foundation

/// Text for HTML and SVG.
enum Markup {
  /// The text with markup characters escaped as entities.
  static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;").replacing("'", with: "&#39;")
  }

  /// A name that is safe for a file; others than letters, digits, - and . become _, and so does a . in front.
  static func fileName(_ text: String) -> String {
    let name = String(text.map { $0.isLetter || $0.isNumber || "-.".contains($0) ? $0 : "_" })
    return name.hasPrefix(".") || name.isEmpty ? "_" + name.dropFirst() : name
  }

  static func paragraph(_ text: String, style: String? = nil) -> String {
    "<p\(style.map { " class=\"\($0)\"" } ?? "")>\(escaped(text))</p>\n"
  }

  static func list(_ items: [String]) -> String {
    "<ul>\n\(items.map { "<li>\(escaped($0))</li>\n" }.joined())</ul>\n"
  }

  /// A link to a file beside the page.
  static func csvLink(_ file: String) -> String {
    let place = file.addingPercentEncoding(withAllowedCharacters: .urlPathAllowed) ?? file
    return
      "<p class=\"dim\"><a href=\"\(escaped(place))\">\(escaped(file))</a> has every digit, and the runs behind each "
      + "row.</p>\n"
  }

  /// A part of the page with a name to jump to.
  static func section(_ id: String, _ title: String, _ body: String) -> String {
    body.isEmpty ? "" : "<section id=\"\(id)\">\n<h2>\(escaped(title))</h2>\n\(body)</section>\n"
  }

  /// A collapsed part of the page.
  static func details(_ summary: String, style: String = "", _ body: String) -> String {
    "<details class=\"\(style)\"><summary>\(escaped(summary))</summary>\n\(body)</details>\n"
  }
}
