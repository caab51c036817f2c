/// A figure of the report with the numbers that it shows.
struct Figure {
  /// The name of its CSV file.
  var name: String
  var title: String
  var caption: String
  var svg: String
  var numbers: DataTable

  init(name: String, title: String, caption: String, svg: String, numbers: DataTable) {
    (self.name, self.title, self.caption, self.svg, self.numbers) = (name, title, caption, svg, numbers)
  }

  init(_ name: String, _ plot: Plot, caption: String) {
    self.init(name: name, title: plot.title, caption: caption, svg: plot.svg, numbers: plot.numbers)
  }

  init(_ name: String, _ plot: ForestPlot, caption: String) {
    self.init(name: name, title: plot.title, caption: caption, svg: plot.svg, numbers: plot.numbers)
  }

  var file: String { name + ".csv" }

  /// - Parameter isAlone: whether the page has no CSV file beside it; its numbers then are not printed.
  func html(isAlone: Bool = false) -> String {
    """
    <figure id="\(Markup.escaped(name))">
    <h3>\(Markup.escaped(title))</h3>
    <div class="plot">\(svg)</div>
    <figcaption>\(Markup.escaped(caption))</figcaption>
    <details class="numbers\(numbers.isLong || isAlone ? " long" : "")"><summary>Numbers</summary>
    \(numbers.html)\(isAlone ? "" : Markup.csvLink(file))</details>
    </figure>

    """
  }
}
