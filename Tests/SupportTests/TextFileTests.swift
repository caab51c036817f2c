import Foundation
import Support
import TestSupport
import Testing

@Suite struct TextFileTests {
  @Test func textComesBack() throws {
    let directory = try TemporaryDirectory()
    for text in ["", "größe\n", "a\r\nb"] {
      try TextFile.write(text, to: directory.path("a.txt"))
      #expect(try TextFile.read(directory.path("a.txt")) == text)
    }
  }

  @Test func whatIsNotATextFileIsNamed() throws {
    let directory = try TemporaryDirectory()
    func problem(_ path: String) -> FileError? { #expect(throws: FileError.self) { try TextFile.read(path) } }
    let missing = problem(directory.path("none"))
    #expect(missing?.kind == .missing && missing?.message == directory.path("none") + ": there is no such file")
    #expect(problem(directory.url.path)?.message.contains("not a regular file") == true)
    #expect(problem("/dev/zero")?.message.contains("not a regular file") == true)
    try TextFile.write([0xFF, 0xFE, 0x00], to: directory.path("binary"))
    #expect(problem(directory.path("binary"))?.message.contains("not UTF-8") == true)
  }
}
