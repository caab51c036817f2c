import Foundation
import Support
import TestSupport
import Testing

@Suite struct CRC32Tests {
  /// The check value of CRC-32 (ISO-HDLC).
  @Test func theCheckValueIsKnown() {
    #expect(CRC32(of: Array("123456789".utf8)).value == 0xCBF4_3926)
    #expect(CRC32().value == 0)
    var text = CRC32()
    text.add("123456789")
    #expect(text.value == 0xCBF4_3926)
  }

  @Test(arguments: [0, 1, 4, 9]) func partsCombine(length: Int) {
    let bytes = Array("123456789".utf8)
    let (head, tail) = (Array(bytes[..<length]), Array(bytes[length...]))
    #expect(CRC32(of: tail, from: CRC32(of: head).value) == CRC32(of: bytes))
    var combined = CRC32(of: head)
    combined.add(CRC32(of: tail), of: tail.count)
    #expect(combined == CRC32(of: bytes))
    // Negative control: with another length it is another checksum.
    var wrong = CRC32(of: head)
    wrong.add(CRC32(of: tail), of: tail.count + 1)
    #expect(length == 0 || wrong != CRC32(of: bytes))
  }

  /// Large files are read in concurrent parts.
  @Test func aFilesChecksumIsThatOfItsBytes() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("a.bin")
    let bytes = (0..<(65 << 20)).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
    try TextFile.write(bytes, to: path)
    #expect(try CRC32(ofFile: path) == CRC32(of: bytes))
    #expect(throws: FileError.self) { try CRC32(ofFile: directory.path("none")) }
  }
}
