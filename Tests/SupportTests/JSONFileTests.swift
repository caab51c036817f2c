import Foundation
import Support
import TestSupport
import Testing

@Suite struct JSONFileTests {
  private struct Record: Codable, Equatable {
    var zebra: Int
    var apple: [Double]
  }

  @Test func keysAreSortedAndValuesComeBack() throws {
    let directory = try TemporaryDirectory()
    let record = Record(zebra: 1, apple: [0.1, 2])
    try JSONFile.write(record, to: directory.path("a.json"))
    #expect(try JSONFile.read(Record.self, from: directory.path("a.json")) == record)
    let text = try TextFile.read(directory.path("a.json"))
    let (apple, zebra) = (try #require(text.firstRange(of: "apple")), try #require(text.firstRange(of: "zebra")))
    #expect(apple.lowerBound < zebra.lowerBound && text.hasSuffix("}\n"))
  }

  @Test func anotherContentIsNamed() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("a.json")
    for text in ["", "{", "[]", #"{"zebra": "x", "apple": []}"#, #"{"zebra": 1}"#] {
      try TextFile.write(text, to: path)
      let error = #expect(throws: FileError.self) { try JSONFile.read(Record.self, from: path) }
      #expect(error?.kind == .badData && error?.message.hasPrefix("\(path): it is not a Record as JSON") == true)
    }
    let missing = #expect(throws: FileError.self) {
      try JSONFile.read(Record.self, from: directory.path("none"))
    }
    #expect(missing?.kind == .missing)
    // A number that JSON lacks is an error, and the file stays.
    try JSONFile.write(Record(zebra: 1, apple: []), to: path)
    #expect(throws: EncodingError.self) { try JSONFile.write(Record(zebra: 2, apple: [.nan]), to: path) }
    #expect(try JSONFile.read(Record.self, from: path).zebra == 1)
  }
}
