internal import Foundation
internal import Glibc

/// A file that is made beside its target and takes the target's place whole, or goes away: the one way to write a file.
///
/// Its name is the target's with the process's number and `.partial`. It is locked while it is made, so that what a killed
/// process left behind is known by its lack of a lock, and removed by the next who writes the target.
package struct AtomicFile: ~Copyable {
  /// What is written, open for reading and writing; messages name the target.
  package let file: RawFile
  /// Where it lies until it is put in place.
  package let temporaryPath: String
  private let target: String
  private var isInPlace = false

  /// Makes an empty file beside `target`.
  ///
  /// - Throws: `FileError` where the folder is missing or not writable.
  package init(replacing target: String) throws(FileError) {
    Self.removeAbandoned(of: target)
    temporaryPath = "\(target).\(getpid()).partial"
    self.target = target
    unsafe unlink(temporaryPath)
    let descriptor = unsafe open(temporaryPath, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw FileError.system("write it", target) }
    _ = flock(descriptor, LOCK_EX | LOCK_NB)
    file = RawFile(owning: descriptor, path: target)
  }

  /// Flushes the file to the disk and renames it to its target.
  ///
  /// - Parameter beforeRenaming: called when the new file is whole and the previous one still there.
  /// - Throws: `FileError` where either fails; the target is then as it was.
  package consuming func putInPlace(beforeRenaming: () -> Void = {}) throws(FileError) {
    try file.synchronize()
    crashPoint("file.flushed")
    beforeRenaming()
    try FileSystem.move(temporaryPath, to: target)
    isInPlace = true
    crashPoint("file.done")
  }

  deinit { if !isInPlace { unsafe unlink(temporaryPath) } }

  /// Removes what killed processes left of a target, or of every target in a folder.
  ///
  /// - Parameters:
  ///   - folder: ends with a slash.
  ///   - name: of the target; nil stands for all.
  package static func removeAbandoned(in folder: String, of name: String? = nil) {
    for entry in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] where entry.hasSuffix(".partial")
    {
      let parts = entry.dropLast(".partial".count)
      guard let dot = parts.lastIndex(of: "."), Int(parts[parts.index(after: dot)...]) != nil,
        name == nil || parts[..<dot] == name!
      else { continue }
      let path = folder + entry
      let descriptor = unsafe open(path, O_RDWR | O_CLOEXEC)
      guard descriptor >= 0 else { continue }
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unsafe unlink(path) }
      close(descriptor)
    }
  }

  private static func removeAbandoned(of target: String) {
    let slash = target.lastIndex(of: "/")
    removeAbandoned(
      in: slash.map { String(target[...$0]) } ?? "./",
      of: slash.map { String(target[target.index(after: $0)...]) } ?? target)
  }
}
