/// The frame of the report page: one file without external resources.
enum ReportPage {
  /// - Parameter sections: markup with the name to jump to and the title of each.
  static func html(title: String, subtitle: String, lead: String, sections: [(id: String, title: String, body: String)])
    -> String
  {
    let shown = sections.filter { !$0.body.isEmpty }
    let links = shown.map { "<a href=\"#\($0.id)\">\(Markup.escaped($0.title))</a>" }
    return """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8"/>
      <meta name="viewport" content="width=device-width, initial-scale=1"/>
      <meta name="color-scheme" content="light dark"/>
      <title>\(Markup.escaped(title))</title>
      <style>
      \(ReportStyle.text)
      </style>
      </head>
      <body>
      \(SVG.definitions)<main>
      <header>
      <h1>\(Markup.escaped(title))</h1>
      \(Markup.paragraph(subtitle, style: "dim"))\(lead)<nav aria-label="Sections">\(links.joined(separator: " "))</nav>
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
}
