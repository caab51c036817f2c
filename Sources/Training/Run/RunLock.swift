#if canImport(Glibc)
  internal import Glibc
#endif

/// A lock on a file, held until released or until the process ends in whatever way.
package struct RunLock: ~Copyable {
  private let descriptor: Int32

  /// - Throws: `RunError.locked` if another process holds it.
  init(_ path: String) throws {
    descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw RunError.system("open", path) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      close(descriptor)
      throw RunError.locked(path: path)
    }
  }

  deinit { close(descriptor) }
}
