import Support
import Testing

@Suite struct CSVTextTests {
  @Test func fieldsComeBack() throws {
    let rows = [
      ["name", "value"], ["plain", "1"], ["with, comma", "\"quoted\""], ["line\nfeed", "carriage\rreturn"], ["", ""],
      ["\"", ",\n\""], ["größe", " spaces "],
    ]
    var table = CSVText(header: rows[0])
    for row in rows.dropFirst() { table.add(row) }
    #expect(try CSVText.rows(of: table.text, path: "a.csv") == rows)
  }

  @Test func onlyFieldsThatNeedItAreQuoted() {
    var table = CSVText(header: ["a", "b c"])
    table.add(["x,y", "say \"hi\""])
    #expect(table.text == "a,b c\n\"x,y\",\"say \"\"hi\"\"\"\n")
  }

  @Test func textsOfOtherProgramsAreRead() throws {
    func rows(_ text: String) throws -> [[String]] { try CSVText.rows(of: text, path: "a.csv") }
    #expect(try rows("a,b\r\n1,2\r\n") == [["a", "b"], ["1", "2"]])
    #expect(try rows("a,b\n1,") == [["a", "b"], ["1", ""]])
    #expect(try rows("") == [])
    #expect(
      throws: FileError(
        what: "line 1: a quote that is not closed", path: "a.csv", expected: "closed quotes", action: "correct the line"
      )
    ) {
      try rows("\"open")
    }
  }
}
