import Foundation
import Serialization
import Support
import Testing

@Suite struct PickleTests {
  private func read(_ protocolVersion: Int) throws -> (Pickle, [String: Pickle.Value]) {
    let pickle = try Pickle(reading: FileSource(opening: serializationFixture("values\(protocolVersion).pkl")))
    let entries = try #require(pickle.entries(pickle.root))
    return (pickle, Dictionary(entries.map { ($0.name, $0.value) }) { $1 })
  }

  @Test(arguments: 0...5) func plainValuesOfEveryProtocol(_ version: Int) throws {
    let (pickle, values) = try read(version)
    #expect(pickle.end == pickle.source.size)
    #expect(values["none"] == Pickle.Value.none)
    #expect(values["yes"] == .bool(true) && values["no"] == .bool(false) && values["bool"] == .bool(true))
    #expect(values["small"] == .integer(7) && values["negative"] == .integer(-1_234_567))
    #expect(values["long"] == .integer(1 << 40) && values["least"] == .integer(.min))
    #expect(values["int64"] == .integer(-5))
    #expect(values["float"] == .float(-0.1) && values["float32"] == .float(Double(Float(0.1))))
    #expect(values["text"] == .text("grün € 🐍") && values["lines"] == .text("a\nb\\u0041"))
    #expect(values["long text"] == .text(String(repeating: "x", count: 300)))
    for (name, expected) in [("bytes", [0, 0xFF, 0x27, 0x0A, 0x5C]), ("nothing", [])] as [(String, [UInt8])] {
      guard case .bytes(let bytes) = values[name] else {
        Issue.record("\(name) is no bytes")
        continue
      }
      #expect(try pickle.bytes(bytes) == expected)
    }
    if version > 1 {
      #expect(values["wide"] == .wideInteger([0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]))
    }
  }

  @Test(arguments: 0...5) func containersOfEveryProtocol(_ version: Int) throws {
    let (pickle, values) = try read(version)
    func items(_ name: String) throws -> [Pickle.Value] {
      let value = try #require(values[name])
      return try #require(pickle.items(value))
    }
    #expect(try items("tuple") == [.integer(1), .integer(2), .integer(3), .integer(4)])
    #expect(try items("empty") == [])
    let list = try items("list")
    #expect(pickle.items(list[1]) == [.integer(2), .text("x")] && pickle.items(list[2]) == [.integer(3)])
    #expect(try items("set") == [.integer(5)] && items("frozen") == [.integer(6)])
    #expect(try pickle.entries(#require(values["ordered"]))?.map(\.name) == ["z", "a"])
    #expect(try pickle.entries(#require(values["counter"]))?.map(\.name) == ["k"])
    #expect(try pickle.entries(#require(values["dictionary"]))?.map(\.name) == ["1", "b"])
    let shared = try items("shared")
    #expect(shared[0] == shared[1] && pickle.items(shared[0]) == [.integer(1), .integer(2)])
    guard case .array(let array) = pickle.node(try #require(values["array"])) else {
      Issue.record("the array is none")
      return
    }
    #expect(array.shape == [2, 3])
    #expect(try array.stored(in: pickle.source, name: "array").numbers(in: 0..<6) == [0, 1, 2, 3, 4, 5])
  }

  @Test func ofEqualKeysTheLastOneCounts() throws {
    // {"a": 1}, then "b": 2 and "a": 3.
    let bytes = Array("}(X\u{1}\0\0\0aK\u{1}X\u{1}\0\0\0bK\u{2}X\u{1}\0\0\0aK\u{3}u.".utf8)
    let pickle = try Pickle(reading: MemorySource(bytes, path: "in"))
    let entries = try #require(pickle.entries(pickle.root))
    #expect(entries.map(\.name) == ["a", "b"] && entries.map(\.value) == [.integer(3), .integer(2)])
  }

  @Test func memoryStaysBoundedByTheFile() throws {
    // A list of a million references to one list of a million numbers would be 2^40 values if it were copied.
    var bytes: [UInt8] = Array("]q\0(".utf8)
    bytes += Array(repeating: [0x4B, 1], count: 1000).joined()
    bytes += Array("e0](".utf8) + Array(repeating: [0x68, 0], count: 100_000).joined() + Array("e.".utf8)
    let pickle = try Pickle(reading: MemorySource(bytes, path: "in"))
    #expect(pickle.items(pickle.root)?.count == 100_000)
    let endless = Array("(".utf8) + Array(repeating: UInt8(ascii: "N"), count: 1 << 23) + Array("l.".utf8)
    let error = #expect(throws: FileError.self) { try Pickle(reading: MemorySource(endless, path: "in")) }
    #expect(error?.message.contains("more than 8388608 operations and values") == true)
  }
}
