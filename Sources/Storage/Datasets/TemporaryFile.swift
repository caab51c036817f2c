internal import Foundation
internal import Glibc

/// A file beside its target that takes the target's place when it is whole, and goes away otherwise.
///
/// It is locked while it is made, so that what a killed process left behind is known by its lack of a lock, and removed.
struct TemporaryFile: ~Copyable {
  let path: String
  private let target: String
  private let descriptor: Int32
  private var isInPlace = false

  /// Makes an empty file beside `target`.
  /// - Throws: `StorageError` if the folder is missing or not writable.
  init(for target: String) throws(StorageError) {
    Self.removeAbandoned(of: target)
    let path = "\(target).\(getpid()).part"
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw StorageError(
        what: "cannot be written (\(StorageError.reason))", path: target,
        action: "check that its folder is there and writable", kind: .system)
    }
    _ = flock(descriptor, LOCK_EX | LOCK_NB)
    self.descriptor = descriptor
    self.path = path
    self.target = target
  }

  /// Flushes the file to disk and renames it to its target.
  /// - Throws: `StorageError` if either fails; the target is then as it was.
  consuming func putInPlace() throws(StorageError) {
    guard fsync(descriptor) == 0 else {
      throw StorageError(
        what: "cannot be put in place (\(StorageError.reason))", path: target,
        action: "free some space or check the folder's permissions", kind: .system)
    }
    try FileSystem.move(path, to: target)
    isInPlace = true
  }

  deinit {
    if !isInPlace { unsafe unlink(path) }
    close(descriptor)
  }

  /// Removes the files for this target that no process holds.
  private static func removeAbandoned(of target: String) {
    let slash = target.lastIndex(of: "/")
    let folder = slash.map { String(target[...$0]) } ?? "./"
    let beginning = (slash.map { String(target[target.index(after: $0)...]) } ?? target) + "."
    for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
      guard name.hasPrefix(beginning), name.hasSuffix(".part"),
        Int(name.dropFirst(beginning.count).dropLast(5)) != nil
      else { continue }
      let path = folder + name
      let descriptor = unsafe open(path, O_RDWR | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unsafe unlink(path) }
      close(descriptor)
    }
  }
}
