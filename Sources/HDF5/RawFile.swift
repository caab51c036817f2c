internal import Dispatch
internal import Glibc
internal import Synchronization

#if CrashPoints
  import Faults
#endif

/// A file descriptor for what libhdf5 is not trusted with: reserving room, writing values, flushing.
struct RawFile: ~Copyable {
  private let descriptor: Int32
  private let attempt: Attempt

  init(creating path: String, _ attempt: Attempt) throws(HDF5Error) {
    descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    self.attempt = attempt
    if descriptor < 0 { throw attempt.systemFailure() }
  }

  init(reading path: String, _ attempt: Attempt) throws(HDF5Error) {
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    self.attempt = attempt
    if descriptor < 0 { throw attempt.systemFailure() }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  func size() throws(HDF5Error) -> Int {
    var information = stat()
    guard fstat(descriptor, &information) == 0 else { throw attempt.systemFailure() }
    return Int(information.st_size)
  }

  /// Fills `bytes` with what lies at an offset.
  func read(into bytes: inout [UInt8], at offset: Int) throws(HDF5Error) {
    let count = bytes.count
    var done = 0
    while done < count {
      let part = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress! + done, count - done, offset + done) }
      if part < 0 && errno == EINTR { continue }
      if part < 0 { throw attempt.systemFailure() }
      if part == 0 { throw attempt.failure(.unreadable, "it ends before byte \(offset + count)") }
      done += part
    }
  }

  /// The checksum of a range. Parts of a large one are read side by side, each of them through an opening of its own of this
  /// same file, which is faster than the system's reading ahead for one.
  func checksum(of range: Range<Int>) throws(HDF5Error) -> CRC32 {
    let (workers, size) = (4, 64 << 20)
    let link = "/proc/self/fd/\(descriptor)"
    guard range.count > size, access(link, R_OK) == 0 else { return try ownChecksum(of: range) }
    let parts = stride(from: range.lowerBound, to: range.upperBound, by: size).map {
      $0..<min($0 + size, range.upperBound)
    }
    let attempt = attempt
    let found = Mutex((sums: parts.map { _ in CRC32() }, failure: HDF5Error?.none))
    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      do throws(HDF5Error) {
        let file = try RawFile(reading: link, attempt)
        for index in stride(from: worker, to: parts.count, by: workers) {
          let sum = try file.ownChecksum(of: parts[index])
          found.withLock { $0.sums[index] = sum }
        }
      } catch { found.withLock { $0.failure = error } }
    }
    let (sums, failure) = found.withLock { $0 }
    if let failure { throw failure }
    var whole = CRC32()
    for (part, sum) in zip(parts, sums) { whole.add(sum, of: part.count) }
    return whole
  }

  /// The same by this thread, block after block.
  private func ownChecksum(of range: Range<Int>) throws(HDF5Error) -> CRC32 {
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
    var checksum = CRC32()
    var block = [UInt8](repeating: 0, count: min(1 << 20, range.count))
    for start in stride(from: range.lowerBound, to: range.upperBound, by: 1 << 20) {
      if range.upperBound - start < block.count { block.removeLast(block.count - (range.upperBound - start)) }
      try read(into: &block, at: start)
      checksum.add(block.span.bytes)
    }
    return checksum
  }

  /// Has what is read next come from the disk, where the system can.
  func forgetCache() throws(HDF5Error) {
    try synchronize()
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
  }

  /// Has the system set aside room for the file's first `size` bytes.
  func reserve(_ size: Int) throws(HDF5Error) {
    let code = posix_fallocate(descriptor, 0, size)
    if code != 0 { throw attempt.systemFailure(code, "reserving \(size) bytes") }
  }

  /// Puts bytes at an offset. The disk begins with each part while the next one is copied, rather than when it must.
  func write(_ bytes: RawSpan, at offset: Int) throws(HDF5Error) {
    let most = 32 << 20
    var done = 0
    while done < bytes.byteCount {
      #if CrashPoints
        if let code = Faults.failureOfNextWrite() { throw attempt.systemFailure(code) }
      #endif
      let count = bytes.withUnsafeBytes {
        pwrite(descriptor, $0.baseAddress! + done, min(most, $0.count - done), offset + done)
      }
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { throw attempt.systemFailure() }
      // Linux begins to write what it is told to forget.
      if count == most { posix_fadvise(descriptor, offset + done, count, POSIX_FADV_DONTNEED) }
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
