internal import Dispatch
internal import Foundation
internal import Glibc

#if CrashPoints
  internal import Faults
#endif

// This file and InflateStream.swift are the only ones of this module with pointers: bytes between files and memory.

/// An open regular file, read and written at byte offsets; values have their memory representation (little-endian).
package struct RawFile: ~Copyable, Sendable {
  /// The path in messages.
  package let path: String
  /// The size in bytes when it was opened; 0 for a new file.
  package let size: Int
  private let descriptor: Int32

  /// Opens a file for reading; follows symbolic links.
  ///
  /// - Throws: `FileError` if it is missing, not a regular file or not readable.
  package init(reading path: String) throws(FileError) { try self.init(reading: path, named: path) }

  /// Opens a path for reading; messages name another one.
  private init(reading place: String, named path: String) throws(FileError) {
    // A pipe without a writer would block forever.
    let descriptor = unsafe open(place, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw FileError.system("open it", path) }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw FileError(what: "it is not a file", path: path, expected: "a regular file", action: "check the path")
    }
    (self.path, self.size, self.descriptor) = (path, Int(status.st_size), descriptor)
  }

  /// Takes ownership of a descriptor that is open for reading and writing; `path` is for messages.
  init(owning descriptor: Int32, path: String) { (self.path, self.size, self.descriptor) = (path, 0, descriptor) }

  deinit { close(descriptor) }

  /// The current size in bytes.
  ///
  /// - Throws: `FileError` if the system fails.
  package func currentSize() throws(FileError) -> Int {
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0 else { throw FileError.system("read it", path) }
    return Int(status.st_size)
  }

  // MARK: Reading

  /// Reads `count` values at a byte offset.
  ///
  /// - Throws: `FileError` if the file ends before them or cannot be read.
  package func read<Value: BitwiseCopyable>(
    _ count: Int, of: Value.Type, at offset: Int
  ) throws(FileError) -> [Value] {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Value>.stride)
    guard count >= 0, offset >= 0, !overflow, offset <= size, bytes <= size - offset else {
      throw FileError(
        what: "\(count) values from byte \(offset) on exceed its \(size) bytes: it is truncated or damaged", path: path,
        action: "copy or create it again")
    }
    return try unsafe [Value](filling: count) { buffer throws(FileError) in
      try unsafe fill(UnsafeMutableRawBufferPointer(buffer), at: offset)
    }
  }

  /// Fills `values` from a byte offset.
  ///
  /// - Throws: `FileError` if the file ends before that or cannot be read.
  package func read<Value: BitwiseCopyable>(
    into values: inout MutableSpan<Value>, at offset: Int
  ) throws(FileError) {
    try unsafe values.withUnsafeMutableBytes { buffer throws(FileError) in try unsafe fill(buffer, at: offset) }
  }

  private func fill(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(FileError) {
    guard let base = buffer.baseAddress else { return }
    var done = 0
    while done < buffer.count {
      let part = unsafe pread(descriptor, base + done, buffer.count - done, offset + done)
      if part < 0 && errno == EINTR { continue }
      guard part > 0 else {
        if part < 0 { throw FileError.system("read it", path) }
        throw FileError(
          what: "it ends before byte \(offset + buffer.count): it is truncated or damaged", path: path,
          action: "copy or create it again")
      }
      done += part
    }
  }

  /// The checksum of a range of bytes.
  ///
  /// Parts of a large range are read concurrently, each through its own descriptor of this file: faster than the system's
  /// read-ahead for one.
  ///
  /// - Throws: `FileError` if the file ends before the range or cannot be read.
  package func checksum(of range: Range<Int>) throws(FileError) -> CRC32 {
    let (workers, size) = (4, 64 << 20)
    let link = "/proc/self/fd/\(descriptor)"
    guard range.count > size, (unsafe access(link, R_OK)) == 0 else { return try ownChecksum(of: range) }
    let parts = stride(from: range.lowerBound, to: range.upperBound, by: size).map {
      $0..<min($0 + size, range.upperBound)
    }
    let path = path
    let found = Locked((sums: parts.map { _ in CRC32() }, failure: FileError?.none))
    DispatchQueue.concurrentPerform(iterations: workers) { worker in
      do throws(FileError) {
        let file = try RawFile(reading: link, named: path)
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

  /// The checksum of a range, computed on this thread.
  private func ownChecksum(of range: Range<Int>) throws(FileError) -> CRC32 {
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
    var checksum = CRC32()
    var block = [UInt8](repeating: 0, count: min(1 << 20, range.count))
    for start in stride(from: range.lowerBound, to: range.upperBound, by: 1 << 20) {
      if range.upperBound - start < block.count { block.removeLast(block.count - (range.upperBound - start)) }
      var span = block.mutableSpan
      try read(into: &span, at: start)
      checksum.add(block.span)
    }
    return checksum
  }

  /// Flushes the file and drops it from the system's cache, so that later reads come from the disk.
  ///
  /// - Throws: `FileError` if the disk fails.
  package func forgetCache() throws(FileError) {
    try synchronize()
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED)
  }

  // MARK: Writing

  /// Allocates disk space for the first `size` bytes.
  ///
  /// - Throws: `FileError` if the disk has no space.
  package func reserve(_ size: Int) throws(FileError) {
    let code = posix_fallocate(descriptor, 0, size)
    if code != 0 { throw FileError.system("write it", path, code, detail: "reserving \(size) bytes") }
  }

  /// Writes values at a byte offset.
  ///
  /// The disk starts to write each part of 32 MiB while the next one is copied.
  ///
  /// - Throws: `FileError` if the disk is full or fails.
  package func write<Value: BitwiseCopyable>(_ values: Span<Value>, at offset: Int) throws(FileError) {
    let most = 32 << 20
    let bytes = unsafe values.bytes
    var done = 0
    while done < bytes.byteCount {
      #if CrashPoints
        if let code = Faults.failureOfNextWrite() { throw FileError.system("write it", path, code) }
      #endif
      let count = unsafe bytes.withUnsafeBytes {
        unsafe pwrite(descriptor, $0.baseAddress! + done, min(most, $0.count - done), offset + done)
      }
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { throw FileError.system("write it", path) }
      // This makes Linux start to write the part.
      if count == most { posix_fadvise(descriptor, offset + done, count, POSIX_FADV_DONTNEED) }
      done += count
    }
  }

  /// Appends values.
  ///
  /// - Throws: `FileError` if the disk is full or fails.
  package func append<Value: BitwiseCopyable>(_ values: Span<Value>) throws(FileError) {
    try write(values, at: currentSize())
  }

  /// Flushes the file to the disk.
  ///
  /// - Throws: `FileError` if the disk fails.
  package func synchronize() throws(FileError) {
    if fsync(descriptor) != 0 { throw FileError.system("write it", path) }
  }
}

extension Array where Element: BitwiseCopyable {
  /// An array of `count` elements that `fill` initializes.
  fileprivate init<Failure: Error>(
    filling count: Int, _ fill: (UnsafeMutableBufferPointer<Element>) throws(Failure) -> Void
  ) throws(Failure) {
    // The standard library would write the count of its one empty array, which the thread sanitizer takes for a race.
    guard count > 0 else {
      self = []
      return
    }
    var failure: Failure?
    self = unsafe [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
      do throws(Failure) {
        try unsafe fill(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
        initialized = count
      } catch { failure = error }
    }
    if let failure { throw failure }
  }

  /// The elements whose memory representation is `bytes`; ignores an incomplete last element.
  package init(rawBytes bytes: [UInt8]) {
    self = unsafe [Element](filling: bytes.count / MemoryLayout<Element>.stride) { buffer in
      unsafe UnsafeMutableRawBufferPointer(buffer).copyBytes(
        from: bytes.prefix(buffer.count * MemoryLayout<Element>.stride))
    }
  }

  /// The memory representation of the elements.
  package var rawBytes: [UInt8] { unsafe withUnsafeBytes { unsafe Array<UInt8>($0) } }
}

extension MutableSpan where Element: BitwiseCopyable {
  /// Copies values; traps unless the counts are equal.
  package mutating func update(from values: ArraySlice<Element>) {
    precondition(count == values.count, "MutableSpan: \(values.count) values for \(count)")
    unsafe withUnsafeMutableBufferPointer { unsafe _ = $0.update(fromContentsOf: values) }
  }
}
