/// The frame of the report page: one file without external resources.
enum ReportPage {
  /// What a page of a kind says it was made by.
  static func generator(_ kind: String) -> String { "<meta name=\"generator\" content=\"\(kind)\"/>" }

  /// - Parameters:
  ///   - sections: markup with the name to jump to and the title of each.
  ///   - kind: what kind of report it is, for programs.
  ///   - reloads: whether the page offers to load itself again every few seconds, and begins with that.
  static func html(
    title: String, subtitle: String, lead: String, sections: [(id: String, title: String, body: String)], kind: String,
    reloads: Bool = false
  ) -> String {
    let shown = sections.filter { !$0.body.isEmpty }
    let links = shown.map { "<a href=\"#\($0.id)\">\(Markup.escaped($0.title))</a>" }
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <meta name="color-scheme" content="light dark"/>
      \(generator(kind))
      <title>\(Markup.escaped(title))</title>
      <style>
      \(ReportStyle.text)
      </style>
      </head>
      <body>
      \(SVG.definitions)<main>
      <header>
      <h1>\(Markup.escaped(title))</h1>
      \(Markup.paragraph(subtitle, style: "dim"))\(lead)\(reloads ? follow : "")<nav aria-label="Sections">\(links.joined(separator: " "))</nav>
      </header>
      \(shown.map { Markup.section($0.id, $0.title, $0.body) }.joined())</main>
      <div id="tip" role="status" hidden=""></div>
      <script>
      \(ReportScript.text)
      </script>
      </body>
      </html>

      """
  }

  /// A switch that the page's script looks at.
  private static let follow =
    "<p class=\"follow\"><label><input type=\"checkbox\" id=\"follow\" checked=\"\"/> Load this page again every 10 seconds, "
    + "as the run goes on</label></p>\n"
}
