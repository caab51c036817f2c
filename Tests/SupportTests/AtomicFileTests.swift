import Foundation
import Support
import TestSupport
import Testing

@Suite struct AtomicFileTests {
  @Test func theTargetAppearsOnlyWhenItIsComplete() throws {
    let directory = try TemporaryDirectory()
    let target = directory.path("a.txt")
    try TextFile.write("old", to: target)
    let file = try AtomicFile(replacing: target)
    try file.file.write(Array("new".utf8).span, at: 0)
    #expect(try TextFile.read(target) == "old")
    #expect(try directory.names().count == 2)
    try file.putInPlace { #expect((try? TextFile.read(target)) == "old") }
    #expect(try TextFile.read(target) == "new")
    #expect(try directory.names() == ["a.txt"])
  }

  @Test func aFailureLeavesTheTargetAndNoOtherFile() throws {
    struct Failure: Error {}
    let directory = try TemporaryDirectory()
    let target = directory.path("a.txt")
    try TextFile.write("old", to: target)
    func fail() throws {
      let file = try AtomicFile(replacing: target)
      try file.file.write(Array("half".utf8).span, at: 0)
      throw Failure()
    }
    #expect(throws: Failure.self) { try fail() }
    #expect(try TextFile.read(target) == "old")
    #expect(try directory.names() == ["a.txt"])
  }

  /// The rename fails on a directory of that name, which stays.
  @Test func aTargetThatCannotBeReplacedStays() throws {
    let directory = try TemporaryDirectory()
    let target = directory.path("folder")
    try FileSystem.createDirectory(target + "/inner")
    #expect(throws: FileError.self) { try TextFile.write("x", to: target) }
    #expect(try directory.names() == ["folder"])
    #expect(FileSystem.exists(target + "/inner"))
  }

  /// Two writers of one target at once never touch each other's file; the last to end is the target.
  @Test func twoWritersOfOneTargetDoNotMeet() throws {
    let directory = try TemporaryDirectory()
    let target = directory.path("a.txt")
    let first = try AtomicFile(replacing: target)
    try first.file.write(Array("first".utf8).span, at: 0)
    try TextFile.write("second", to: target)
    #expect(try TextFile.read(target) == "second")
    try first.putInPlace()
    #expect(try directory.names() == ["a.txt"] && TextFile.read(target) == "first")
  }

  @Test func aMissingDirectoryIsAnError() {
    let error = #expect(throws: FileError.self) { try TextFile.write("x", to: "/nonexistent/a.txt") }
    #expect(error?.message == "/nonexistent/a.txt: cannot write it: No such file or directory")
    #expect(error?.kind == .system)
  }

  /// A leftover has no lock: the next write removes that of its own target only.
  @Test func leftoversOfKilledProcessesAreRemoved() throws {
    let directory = try TemporaryDirectory()
    for name in ["a.txt.4000001.partial", "b.txt.4000001.partial", "a.txt.partial", "a.txt.x.partial"] {
      try Data("left".utf8).write(to: URL(filePath: directory.path(name)))
    }
    try TextFile.write("x", to: directory.path("a.txt"))
    #expect(try directory.names() == ["a.txt", "a.txt.partial", "a.txt.x.partial", "b.txt.4000001.partial"])
    AtomicFile.removeAbandoned(in: directory.path("") + "/")
    #expect(try directory.names() == ["a.txt", "a.txt.partial", "a.txt.x.partial"])
  }

  @Test func aFileThatIsBeingWrittenIsNoLeftover() throws {
    let directory = try TemporaryDirectory()
    let (first, second) = (directory.path("a.txt"), directory.path("b.txt"))
    let one = try AtomicFile(replacing: first)
    let other = try AtomicFile(replacing: second)
    AtomicFile.removeAbandoned(in: directory.path("") + "/")
    try one.file.write(Array("one".utf8).span, at: 0)
    try other.file.write(Array("other".utf8).span, at: 0)
    try other.putInPlace()
    #expect(!FileSystem.exists(first))
    try one.putInPlace()
    #expect(try TextFile.read(first) == "one" && TextFile.read(second) == "other")
    #expect(try directory.names() == ["a.txt", "b.txt"])
  }

  /// A link stays a link: the file that it leads to is replaced.
  @Test func aLinkIsFollowed() throws {
    let directory = try TemporaryDirectory()
    try FileSystem.createDirectory(directory.path("there"))
    try TextFile.write("old", to: directory.path("there/a.txt"))
    let link = directory.path("link.txt")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "there/a.txt")
    try TextFile.write("new", to: link)
    #expect(try TextFile.read(directory.path("there/a.txt")) == "new" && TextFile.read(link) == "new")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "there/a.txt")
    #expect(try directory.names() == ["link.txt", "there"])
  }

  @Test func onlyFilesAreReplaced() throws {
    let directory = try TemporaryDirectory()
    let (pipe, folder, lost) = (directory.path("pipe"), directory.path("folder"), directory.path("lost"))
    #expect(mkfifo(pipe, 0o600) == 0)
    try FileSystem.createDirectory(folder)
    try FileManager.default.createSymbolicLink(atPath: lost, withDestinationPath: "nowhere")
    try FileManager.default.createSymbolicLink(atPath: directory.path("to-pipe"), withDestinationPath: "pipe")
    for (path, what) in [
      (pipe, "it is a pipe, which cannot be replaced"), (folder, "it is a folder"), (lost, "it is a link to nothing"),
      (directory.path("to-pipe"), "it is a link to a pipe"), ("/dev/null", "it is a device, which cannot be replaced"),
    ] {
      let error = #expect(throws: FileError.self) { try TextFile.write("x", to: path) }
      #expect(error?.message.hasPrefix("\(path): \(what)") == true, "\(error?.message ?? "")")
    }
    #expect(try directory.names() == ["folder", "lost", "pipe", "to-pipe"])
  }
}
