internal import Glibc

/// A file descriptor for what libhdf5 is not trusted with: reserving room, writing values, flushing.
struct RawFile: ~Copyable {
  private let descriptor: Int32
  private let attempt: Attempt

  init(creating path: String, _ attempt: Attempt) throws(HDF5Error) {
    descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    self.attempt = attempt
    if descriptor < 0 { throw attempt.systemFailure() }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Has the system set aside room for the file's first `size` bytes.
  func reserve(_ size: Int) throws(HDF5Error) {
    let code = posix_fallocate(descriptor, 0, size)
    if code != 0 { throw attempt.systemFailure(code, "reserving \(size) bytes") }
  }

  func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws(HDF5Error) {
    var done = 0
    while done < bytes.count {
      let count = pwrite(descriptor, bytes.baseAddress! + done, bytes.count - done, offset + done)
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { throw attempt.systemFailure() }
      done += count
    }
  }

  /// Waits until everything is on the disk.
  func synchronize() throws(HDF5Error) {
    if fsync(descriptor) != 0 { throw attempt.systemFailure() }
  }

  /// Throws where the disk of `path` has less free than `size` bytes.
  static func requireSpace(_ size: Int, beside path: String, _ attempt: Attempt) throws(HDF5Error) {
    var information = statvfs()
    guard statvfs(directory(of: path), &information) == 0 else { throw attempt.systemFailure() }
    let free = Int(
      clamping: UInt64(information.f_bavail).multipliedReportingOverflow(by: UInt64(information.f_frsize)).partialValue)
    guard size <= free else {
      throw attempt.failure(
        .system, "it needs \(size) bytes and the disk has \(free) free; make room or write elsewhere")
    }
  }

  /// Puts a rename on the disk.
  static func synchronizeDirectory(of path: String, _ attempt: Attempt) throws(HDF5Error) {
    let descriptor = open(directory(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw attempt.systemFailure() }
    defer { close(descriptor) }
    // Some file systems do not flush directories and say EINVAL.
    if fsync(descriptor) != 0 && errno != EINVAL { throw attempt.systemFailure() }
  }

  private static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}

extension Attempt {
  /// An error with the system's message.
  func systemFailure(_ code: Int32 = errno, _ detail: String = "") -> HDF5Error {
    failure(.system, String(cString: strerror(code)) + (detail.isEmpty ? "" : " (\(detail))"))
  }
}
