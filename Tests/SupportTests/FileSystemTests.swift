import Foundation
import Support
import TestSupport
import Testing

@Suite struct FileSystemTests {
  @Test func aCopyReplacesItsTarget() throws {
    let directory = try TemporaryDirectory()
    let (source, target) = (directory.path("source"), directory.path("target"))
    // More than one part of 1 MiB.
    let bytes = (0..<(3 << 20) + 5).map { UInt8(truncatingIfNeeded: $0 / 7) }
    try TextFile.write(bytes, to: source)
    try TextFile.write("old", to: target)
    try FileSystem.copy(source, to: target)
    #expect(try FileBytes.read(target, limit: 1 << 30) == bytes)
    #expect(try directory.names() == ["source", "target"])
    try TextFile.write("", to: source)
    try FileSystem.copy(source, to: target)
    #expect(try FileBytes.read(target, limit: 0).isEmpty)
  }

  @Test func aFailedCopyLeavesItsTarget() throws {
    let directory = try TemporaryDirectory()
    let target = directory.path("target")
    try TextFile.write("old", to: target)
    let error = #expect(throws: FileError.self) { try FileSystem.copy(directory.path("none"), to: target) }
    #expect(error?.kind == .missing)
    #expect(throws: FileError.self) { try FileSystem.copy(directory.url.path, to: target) }
    #expect(try TextFile.read(target) == "old" && directory.names() == ["target"])
  }

  @Test func directoriesAreCreatedAndRemovedWithTheirContents() throws {
    let directory = try TemporaryDirectory()
    try FileSystem.createDirectory(directory.path("a/b/c"))
    try FileSystem.createDirectory(directory.path("a/b/c"))
    #expect(FileSystem.names(in: directory.path("a/b")) == ["c"])
    try FileSystem.remove(directory.path("a"))
    try FileSystem.remove(directory.path("a"))
    #expect(!FileSystem.exists(directory.path("a")) && FileSystem.names(in: directory.path("a")).isEmpty)
    try TextFile.write("x", to: directory.path("file"))
    #expect(throws: FileError.self) { try FileSystem.createDirectory(directory.path("file/inner")) }
  }

  @Test func spaceIsCheckedInAdvance() throws {
    let directory = try TemporaryDirectory()
    try FileSystem.requireSpace(1, beside: directory.path("a"))
    let error = #expect(throws: FileError.self) {
      try FileSystem.requireSpace(.max, beside: directory.path("a"))
    }
    #expect(error?.kind == .system && error?.message.contains("needs \(Int.max) bytes") == true)
  }
}
