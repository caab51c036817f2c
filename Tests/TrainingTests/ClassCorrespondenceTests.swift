import Foundation
import Support
import TestSupport
import Testing
import Training

@Suite struct ClassCorrespondenceTests {
  @Test(arguments: [
    ("cat", "Cat", true), ("ice cream", "ice_cream", true), ("ice-cream", "IceCream", true), ("a  b", "A_b", true),
    ("class 1", "class_1", true), ("Été", "été", true), ("sea-lion ", "Sea Lion", true),
    ("cat", "cats", false), ("1-1", "11", false), ("1_1", "1-1", true), ("-1", "1", false), ("1", "_1", true),
    ("1.0", "10", false), ("2 3", "23", false), ("a/b", "ab", false), ("é", "e", false),
  ]) func spellings(first: String, second: String, areAlike: Bool) {
    #expect((first.looseSpelling == second.looseSpelling) == areAlike)
    #expect(first.looseSpelling != nil)
  }

  @Test func namesOfSignsAloneMatchNothing() throws {
    #expect("_ -".looseSpelling == nil && "".looseSpelling == nil)
    #expect(ClassCorrespondence.sharedCount(["-", "a"], ["_", "A"]) == 1)
  }

  @Test func equalNamesComeFirst() throws {
    func outputs(_ data: [String], _ network: [String]) throws -> [Int?] {
      try ClassCorrespondence(of: data, to: network, path: "d").outputs
    }
    #expect(try outputs(["Cat", "cat"], ["cat", "Cat"]) == [1, 0])
    #expect(try outputs(["cat"], ["cat", "Cat"]) == [0])
    #expect(try outputs(["two", "zero"], ["zero", "one", "two"]) == [2, 0])
    #expect(try outputs(["-1", "1"], ["1", "2"]) == [nil, 0])
    #expect(throws: TrainingError.self) { try outputs(["CAT"], ["cat", "Cat"]) }
    #expect(throws: TrainingError.self) { try outputs(["shirt", "shoe", "bag"], ["zero", "one", "two"]) }
  }

  @Test func mapsAreRead() throws {
    let directory = try TemporaryDirectory()
    func map(_ name: String, _ text: String) throws -> [String: String?] {
      try TextFile.write(text, to: directory.path(name))
      return try ClassMap(reading: directory.path(name)).names
    }
    let expected: [String: String?] = ["chat": "cat", "ice, cream": "dessert", "renard": nil, "1": "one"]
    let yaml = "chat: cat\n'ice, cream': dessert\nrenard:\n1: one\n"
    #expect(try map("a.yaml", yaml) == expected && map("a.txt", "\u{FEFF}" + yaml) == expected)
    let csv = "chat,cat\r\n\"ice, cream\",dessert\r\n\r\nrenard,\r\n1, one\r\n"
    #expect(try map("a.csv", csv) == expected && map("b.CSV", "\u{FEFF}data,network\n" + csv) == expected)
    for (name, text) in [
      ("c.csv", "chat,cat\nchat,dog\n"), ("c.csv", "chat\n"), ("c.csv", "a,b,c\n"), ("c.csv", ""), ("c.csv", ",cat\n"),
      ("c.yaml", "- chat\n"), ("c.yaml", "chat: [cat]\n"), ("c.yaml", "chat: cat\nchat: dog\n"), ("c.yaml", ""),
    ] {
      #expect(throws: (any Error).self, "\(text)") { try map(name, text) }
    }
  }
}
