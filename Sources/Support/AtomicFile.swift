internal import Foundation
internal import Glibc

/// An atomic write: a temporary file beside its target, renamed to the target when complete, or removed.
///
/// Its name is `TARGET.PID.partial`. It is locked while it is written: a leftover of a killed process has no lock, and the
/// next write of the target removes it. A target that is a link to a file stays a link: the file that it leads to is
/// replaced. Devices, pipes, sockets and folders are never replaced.
package struct AtomicFile: ~Copyable {
  /// The temporary file, open for reading and writing; its messages name the target.
  package let file: RawFile
  /// The path of the temporary file.
  package let temporaryPath: String
  private let target: String
  private var isInPlace = false

  /// Creates an empty file beside the target of that name, and removes leftovers of killed processes.
  ///
  /// - Throws: `FileError` if the directory is missing or not writable, or the target is there and no regular file.
  package init(replacing name: String) throws(FileError) {
    let target = try FileSystem.replaceable(name)
    Self.removeAbandoned(of: target)
    for attempt in 0... {
      // Another write of the target may be under way, in this process or in one of equal number on another host.
      let path = "\(target).\(getpid())\(attempt == 0 ? "" : "\(attempt)").partial"
      let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
      if descriptor < 0, errno == EEXIST, attempt < 100, FileSystem.isRegularFile(path) { continue }
      guard descriptor >= 0 else { throw FileError.system("write it", target) }
      // Whoever removes leftovers may have come between creating and locking. A file system without locks keeps leftovers.
      let isTaken = flock(descriptor, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK
      guard !isTaken, Self.hasName(descriptor) else {
        close(descriptor)
        continue
      }
      file = RawFile(owning: descriptor, path: target)
      (temporaryPath, self.target) = (path, target)
      return
    }
    preconditionFailure("AtomicFile: the attempts never end")
  }

  /// Flushes the file to the disk and renames it to its target.
  ///
  /// - Parameter beforeRenaming: called when the new file is complete and the previous one still exists.
  /// - Throws: `FileError` if either fails; the target is then unchanged, except where only the directory cannot be
  ///   flushed: then it is the new file.
  package consuming func putInPlace(beforeRenaming: () -> Void = {}) throws(FileError) {
    try file.synchronize()
    crashPoint("file.flushed")
    beforeRenaming()
    try FileSystem.move(temporaryPath, to: target)
    isInPlace = true
    crashPoint("file.done")
  }

  deinit { if !isInPlace { unsafe unlink(temporaryPath) } }

  /// Removes leftovers of killed processes: those of one target, or of every target in a directory.
  ///
  /// - Parameters:
  ///   - folder: the directory, with a slash at its end.
  ///   - name: the name of the target; `nil` for all.
  package static func removeAbandoned(in folder: String, of name: String? = nil) {
    for entry in FileSystem.names(in: folder) where entry.hasSuffix(".partial") {
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

  private static func hasName(_ descriptor: Int32) -> Bool {
    var status = stat()
    return unsafe fstat(descriptor, &status) == 0 && status.st_nlink > 0
  }

  private static func removeAbandoned(of target: String) {
    let slash = target.lastIndex(of: "/")
    removeAbandoned(
      in: slash.map { String(target[...$0]) } ?? "./",
      of: slash.map { String(target[target.index(after: $0)...]) } ?? target)
  }
}
