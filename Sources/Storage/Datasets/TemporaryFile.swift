import Glibc

/// A file beside its target that takes the target's place when it is whole, and goes away otherwise.
struct TemporaryFile: ~Copyable {
  let path: String
  private let target: String
  private var isInPlace = false

  /// Makes an empty file beside `target`.
  /// - Throws: `StorageError` if the folder is missing or not writable.
  init(for target: String) throws(StorageError) {
    let path = "\(target).\(getpid()).part"
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw StorageError(
        what: "cannot be written (\(String(cString: strerror(errno))))", path: target,
        action: "check that its folder is there and writable", kind: .system)
    }
    close(descriptor)
    self.path = path
    self.target = target
  }

  /// Flushes the file to disk and renames it to its target.
  /// - Throws: `StorageError` if either fails; the target is then as it was.
  consuming func putInPlace() throws(StorageError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    let isFlushed = descriptor >= 0 && fsync(descriptor) == 0
    if descriptor >= 0 { close(descriptor) }
    guard isFlushed, rename(path, target) == 0 else {
      throw StorageError(
        what: "cannot be put in place (\(String(cString: strerror(errno))))", path: target,
        action: "free some space or check the folder's permissions", kind: .system)
    }
    isInPlace = true
  }

  deinit {
    if !isInPlace { unlink(path) }
  }
}
