import Foundation
import Support
import TestSupport
import Testing

@Suite struct OutputFileTests {
  @Test func whatIsThereIsReplacedOnlyWhereAskedAndInputsNever() throws {
    let directory = try TemporaryDirectory()
    try FileSystem.createDirectory(directory.path("images"))
    for name in ["a.txt", "b.txt", "images/notes.txt"] { try TextFile.write("text", to: directory.path(name)) }
    let image = directory.path("images/0.bmp")
    let bytes: [UInt8] = Array("BM".utf8) + [58, 0, 0, 0] + [UInt8](repeating: 0, count: 52)
    try Data(bytes).write(to: URL(filePath: image))
    try FileManager.default.createSymbolicLink(atPath: directory.path("link"), withDestinationPath: "a.txt")
    let inputs = [directory.path("a.txt"), directory.path("images"), directory.path("nowhere")]
    func problem(_ name: String, replacing: Bool) throws -> OutputFile.Problem? {
      try OutputFile(directory.path(name), inputs: inputs).problem(replacing: replacing)
    }
    for replaces in [false, true] { #expect(try problem("new.txt", replacing: replaces) == nil) }
    #expect(try problem("b.txt", replacing: false) == .exists && problem("b.txt", replacing: true) == nil)
    for name in ["a.txt", "link", "images/../a.txt"] {
      #expect(try problem(name, replacing: true) == .isInput(inputs[0]), "\(name)")
    }
    #expect(try problem("images/0.bmp", replacing: true) == .isInput(inputs[1]))
    #expect(try problem("images/notes.txt", replacing: true) == nil)
    #expect(throws: FileError.self) { try problem("images", replacing: true) }
    let error = #expect(throws: FileError.self) { try problem("nowhere/new.txt", replacing: true) }
    #expect(error?.message.contains("there is no folder") == true && error?.kind == .system)
  }
}
