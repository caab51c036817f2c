import Foundation
import Support
import TestSupport
import Testing

@Suite struct FileLockTests {
  @Test func aSecondHolderIsRefusedWithTheNameOfTheFirst() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("lock")
    func lock(_ holder: String) throws { _ = try FileLock(path, holder: holder) }
    do {
      let first = try FileLock(path, holder: "bulkhead train a.yaml")
      let error = #expect(throws: FileError.self) { try lock("second") }
      #expect(error?.kind == .locked)
      #expect(error?.message.contains("(bulkhead train a.yaml) works on this run") == true)
      #expect(error?.message.contains("process \(ProcessInfo.processInfo.processIdentifier) ") == true)
      _ = consume first
    }
    try lock("second")
    #expect(try TextFile.read(path).contains("(second)"))
  }

  @Test func patienceWaitsForTheLock() async throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("lock")
    let first = try FileLock(path, holder: "first")
    let waiting = Task.detached { () -> Bool in
      do {
        _ = try FileLock(path, holder: "second", patience: 60)
        return true
      } catch { return false }
    }
    try await Task.sleep(for: .milliseconds(200))
    _ = consume first
    #expect(await waiting.value)
  }

  @Test func aMissingDirectoryIsAnError() {
    #expect(throws: FileError.self) { _ = try FileLock("/nonexistent/lock", holder: "x") }
  }
}
