internal import Foundation
internal import Glibc

/// A lock on a file, held until this value or the process ends in any way; the file names the holder.
package struct FileLock: ~Copyable {
  private let descriptor: Int32

  /// Takes the lock; creates the file if it is missing.
  ///
  /// - Parameters:
  ///   - holder: the holder's name in the message of other processes, such as `bulkhead train photos.yaml`.
  ///   - patience: seconds to wait for another process to release the lock.
  /// - Throws: `FileError` of the kind `locked` if another process holds it.
  package init(_ path: String, holder: String, patience: Double = 0) throws(FileError) {
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw FileError.system("open it", path) }
    var left = patience
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      let code = errno
      if code == EWOULDBLOCK, left > 0 {
        left -= 0.05
        Thread.sleep(forTimeInterval: 0.05)
        continue
      }
      close(descriptor)
      guard code == EWOULDBLOCK else { throw FileError.system("lock it", path, code) }
      let other = ((try? TextFile.read(path)) ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
      throw FileError(
        message: "\(path): in use by \(other.isEmpty ? "another process" : other); wait for it or stop it",
        kind: .locked)
    }
    self.descriptor = descriptor
    // The lock is valid even if the disk has no space for the name.
    let text = Array("process \(getpid()) on \(Self.host) (\(holder))\n".utf8)
    _ = ftruncate(descriptor, 0)
    _ = unsafe text.withUnsafeBytes { unsafe pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  /// What the process that holds a lock wrote into its file; nil where none holds it.
  package static func holder(of path: String) -> String? {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    // A lock that is taken here is released with the descriptor.
    defer { close(descriptor) }
    guard flock(descriptor, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK else { return nil }
    return ((try? TextFile.read(path)) ?? "").trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private static var host: String {
    var name = [CChar](repeating: 0, count: 257)
    _ = unsafe gethostname(&name, 256)
    return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit { close(descriptor) }
}
