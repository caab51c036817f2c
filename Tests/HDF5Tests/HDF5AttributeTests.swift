import HDF5
import TestSupport
import Testing

@Suite struct HDF5AttributeTests {
  @Test func attributesOfEveryKindComeBack() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("a.h5")
    do {
      let file = try HDF5File(creating: path)
      try file.setAttribute("text", to: "größe")
      try file.setAttribute("fixed", to: "größe", fixedLength: true)
      try file.setAttribute("empty", to: "", fixedLength: true)
      try file.setAttribute("list", to: ["a", "", "long one"])
      try file.setAttribute("fixed list", to: ["a", "", "long one"], fixedLength: true)
      try file.setAttribute("none", to: [String]())
      try file.setAttribute("integer", to: 42)
      try file.setAttribute("integer", to: 43)
      try file.setAttribute("float", to: Float(0.1))
      try file.setAttribute("numbers", to: [1.5, -2])
      try file.createGroup("g").setAttribute("inner", to: UInt8(9))
      try file.close()
    }
    do {
      let file = try HDF5File(opening: path)
      #expect(try file.string(ofAttribute: "text") == "größe")
      #expect(try file.string(ofAttribute: "fixed") == "größe")
      #expect(try file.string(ofAttribute: "empty") == "")
      #expect(try file.strings(ofAttribute: "list") == ["a", "", "long one"])
      #expect(try file.strings(ofAttribute: "fixed list") == ["a", "", "long one"])
      #expect(try file.strings(ofAttribute: "none") == [])
      #expect(try file.number(ofAttribute: "integer", as: Int.self) == 43)
      #expect(try file.number(ofAttribute: "float", as: Float.self) == 0.1)
      #expect(try file.numbers(ofAttribute: "numbers", as: Double.self) == [1.5, -2])
      #expect(try file.numbers(ofAttribute: "numbers", as: Int32.self) == [1, -2])
      #expect(try file.group("g").number(ofAttribute: "inner", as: Int.self) == 9)
      #expect(file.hasAttribute("text") && !file.hasAttribute("texts"))
      #expect(try file.attributeNames().count == 9)
    }
  }
}
