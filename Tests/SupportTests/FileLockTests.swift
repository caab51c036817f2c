import Dispatch
import Foundation
import Support
import Synchronization
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
      #expect(error?.message.hasSuffix("(bulkhead train a.yaml); wait for it or stop it") == true)
      #expect(error?.message.contains("process \(ProcessInfo.processInfo.processIdentifier) ") == true)
      _ = consume first
    }
    try lock("second")
    #expect(try TextFile.read(path).contains("(second)"))
  }

  @Test func whoLooksSeesTheHolderAndTakesNothing() throws {
    let path = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    #expect(FileLock.holder(of: path) == nil)
    let lock = try FileLock(path, holder: "Slurm task 7_1")
    #expect(FileLock.holder(of: path)?.hasSuffix("(Slurm task 7_1)") == true)
    _ = consume lock
    #expect(FileLock.holder(of: path) == nil)
    _ = try FileLock(path, holder: "another")
  }

  @Test func patienceWaitsForTheLock() throws {
    let directory = try TemporaryDirectory()
    let path = directory.path("lock")
    let first = try FileLock(path, holder: "first")
    // Both sides have threads of their own: those of tasks may be held for minutes by other tests.
    let isHeld = Mutex(false)
    let hasEnded = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      do {
        let second = try FileLock(path, holder: "second", patience: 3600)
        isHeld.withLock { $0 = true }
        _ = consume second
      } catch {}
      hasEnded.signal()
    }
    Thread.sleep(forTimeInterval: 0.2)
    #expect(!isHeld.withLock { $0 })
    _ = consume first
    hasEnded.wait()
    #expect(isHeld.withLock { $0 })
  }

  @Test func aMissingDirectoryIsAnError() {
    #expect(throws: FileError.self) { _ = try FileLock("/nonexistent/lock", holder: "x") }
  }
}
