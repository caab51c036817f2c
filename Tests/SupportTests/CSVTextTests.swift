import Support
import Testing

@Suite struct CSVTextTests {
  @Test func fieldsComeBack() {
    let rows = [
      ["name", "value"], ["plain", "1"], ["with, comma", "\"quoted\""], ["line\nfeed", "carriage\rreturn"], ["", ""],
      ["\"", ",\n\""], ["größe", " spaces "],
    ]
    var table = CSVText(header: rows[0])
    for row in rows.dropFirst() { table.add(row) }
    #expect(CSVText.rows(of: table.text) == rows)
  }

  @Test func onlyFieldsThatNeedItAreQuoted() {
    var table = CSVText(header: ["a", "b c"])
    table.add(["x,y", "say \"hi\""])
    #expect(table.text == "a,b c\n\"x,y\",\"say \"\"hi\"\"\"\n")
  }

  @Test func textsOfOtherProgramsAreRead() {
    #expect(CSVText.rows(of: "a,b\r\n1,2\r\n") == [["a", "b"], ["1", "2"]])
    #expect(CSVText.rows(of: "a,b\n1,") == [["a", "b"], ["1", ""]])
    #expect(CSVText.rows(of: "\"open") == [["open"]])
    #expect(CSVText.rows(of: "") == [])
  }
}
