import Support
import Testing

@Suite struct CSVReaderTests {
  /// The fields of every record that is not blank, with the number of its line, read in pieces of a size.
  private func records(
    _ text: String, separator: Character = ",", pieces size: Int = 1 << 20
  ) throws -> [(line: Int, offset: Int, fields: [String])] {
    let bytes = Array(text.utf8)
    let separator = try #require(separator.asciiValue)
    var reader = CSVReader(path: "a.csv", separator: separator)
    var records: [(line: Int, offset: Int, fields: [String])] = []
    func add(_ record: CSVRecord) {
      if record.isBlank { return }
      let fields = CSVReader.fields(of: record.bytes, separator: separator)
      records.append((record.line, record.offset, fields.map { String(decoding: $0, as: UTF8.self) }))
    }
    for start in stride(from: 0, to: bytes.count, by: size) {
      try reader.read(Array(bytes[start..<min(bytes.count, start + size)]), add)
    }
    try reader.finish(add)
    return records
  }

  /// As Python's csv module reads it, whatever the pieces.
  @Test(arguments: [1, 2, 3, 7, 1000]) func recordsOfAnyPieces(_ size: Int) throws {
    let text = "a,\"b, \"\"c\"\"\nd\",e\r\n\r\n1,,3\rxé,\"\",5\" disk\n"
    let found = try records(text, pieces: size)
    #expect(found.map(\.fields) == [["a", "b, \"c\"\nd", "e"], ["1", "", "3"], ["xé", "", "5\" disk"]])
    #expect(found.map(\.line) == [1, 4, 5])
    let bytes = Array(text.utf8)
    #expect(found.map { bytes[$0.offset] } == [UInt8(ascii: "a"), UInt8(ascii: "1"), UInt8(ascii: "x")])
  }

  @Test func separators() throws {
    func separator(_ text: String) -> Character? {
      CSVReader.separator(of: Array(text.utf8)[...]).map { Character(Unicode.Scalar($0)) }
    }
    #expect(separator("a;b;c\n1;2;3\n") == ";")
    #expect(separator("a\tb, c\td\n1\t2\t3\n") == "\t")
    #expect(separator("emotion,pixels\n0,1 2 3 4\n") == ",")
    #expect(separator("1 2 3\n4 5 6\n") == " ")
    #expect(separator("\n\n7\n8\n") == ",")
    #expect(separator("\"a;b\",2\n\"c;d\",3\n") == ",")
    // Decimal commas between semicolons.
    #expect(separator("0;0,5;0,25\n1;0,5;0,75\n") == nil)
    #expect(try records("1  2 3\n", separator: " ").map(\.fields) == [["1", "2", "3"]])
    #expect(try records("\"a b\"  2 3\n", separator: " ").map(\.fields) == [["a b", "2", "3"]])
  }

  @Test func whatIsNoCSV() throws {
    func message(_ text: [UInt8]) throws -> String {
      try #require(throws: FileError.self) {
        var reader = CSVReader(path: "a.csv", separator: UInt8(ascii: ","))
        try reader.read(text) { _ in }
        try reader.finish { _ in }
      }.message
    }
    #expect(try message(Array("1,2\n\"a\"b,2\n".utf8)).contains("line 2: text behind a closing quote"))
    #expect(try message(Array("1,2\n\"a".utf8)).contains("line 2: a quote that is not closed"))
    #expect(try message([0x31, 0x2C, 0xE9, 0x0A]).contains("line 1: byte E9 is not UTF-8"))
    #expect(try message([0x31, 0, 0x2C, 0, 0x32, 0]).contains("line 1: a zero byte"))
  }
}
