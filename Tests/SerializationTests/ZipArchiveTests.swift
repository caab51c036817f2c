import Foundation
import Serialization
import Support
import TestSupport
import Testing

/// The path of a fixture of this module.
func serializationFixture(_ name: String) -> String { Bundle.module.bundlePath + "/Fixtures/" + name }

@Suite struct ZipArchiveTests {
  private let poem = Array((String(repeating: "so much depends upon\n", count: 85) + "a red wheelbarr").utf8)

  @Test(arguments: ["stored", "deflated", "wide", "streamed", "comment"])
  func everyKindIsRead(_ name: String) throws {
    let archive = try ZipArchive(opening: serializationFixture(name + ".zip"))
    #expect(archive.entries.map(\.name) == ["poem.txt", "folder/numbers.bin", "empty"])
    #expect(archive.entries.map(\.size) == [1800, 256, 0])
    let entry = try #require(archive["folder/numbers.bin"])
    #expect(try archive.read(entry, limit: 256) == Array(0...255))
    #expect(try archive.read(archive.entries[0], limit: 1 << 20) == poem)
    #expect(try archive.read(archive.entries[2], limit: 0) == [])
    #expect(archive["folder/"] == nil && archive["nothing"] == nil)
    #expect(entry.isStored == (name == "stored" || name == "comment"))
  }

  @Test func storedEntriesAreReadInPlace() throws {
    let archive = try ZipArchive(opening: serializationFixture("stored.zip"))
    let range = try #require(try archive.place(of: archive.entries[1]))
    #expect(try archive.file.read(range.count, of: UInt8.self, at: range.lowerBound) == Array(0...255))
    try archive.requireIntact(archive.entries[1])
    let packed = try ZipArchive(opening: serializationFixture("deflated.zip"))
    #expect(try packed.place(of: packed.entries[1]) == nil)
    let source = ZipEntrySource(packed.entries[1], of: packed, limit: 256)
    #expect(try source.bytes(3, at: 253) == [253, 254, 255])
    #expect(throws: FileError.self) { try source.bytes(4, at: 253) }
  }

  @Test func aLimitIsKept() throws {
    let archive = try ZipArchive(opening: serializationFixture("deflated.zip"))
    let error = #expect(throws: FileError.self) { try archive.read(archive.entries[0], limit: 1799) }
    #expect(error?.message.contains("1800 bytes unpacked; expected at most 1799") == true)
  }

  @Test func otherMethodsAreNamed() throws {
    let archive = try ZipArchive(opening: serializationFixture("bzip2.zip"))
    let error = #expect(throws: FileError.self) { try archive.read(archive.entries[0], limit: 1 << 20) }
    #expect(error?.message.contains("packed by ZIP's method 12") == true)
  }

  /// Every change of a byte is refused, or changes nothing that is read.
  @Test(arguments: ["stored", "deflated", "wide"])
  func changedBytesAreFoundOut(_ name: String) throws {
    let directory = try TemporaryDirectory()
    let good = Array(try Data(contentsOf: URL(filePath: serializationFixture(name + ".zip"))))
    let original = try ZipArchive(opening: serializationFixture(name + ".zip"))
    let contents = try original.entries.map { try original.read($0, limit: 1 << 20) }
    var refused = 0
    for place in good.indices {
      var bytes = good
      bytes[place] ^= 0x11
      let path = directory.path("changed.zip")
      try Data(bytes).write(to: URL(filePath: path))
      do throws(FileError) {
        let archive = try ZipArchive(opening: path)
        var found: [[UInt8]] = []
        for entry in archive.entries { found.append(try archive.read(entry, limit: 1 << 20)) }
        #expect(found == contents || archive.entries.map(\.name) != original.entries.map(\.name), "byte \(place)")
      } catch { refused += 1 }
    }
    #expect(refused > good.count / 3)
  }
}
