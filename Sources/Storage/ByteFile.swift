internal import Glibc
internal import Tensors

/// An open file of bytes that is read here and there, or written from its beginning; values are little-endian.
struct ByteFile: ~Copyable, Sendable {
  let path: String
  /// Bytes in a file opened for reading.
  let size: Int
  private let descriptor: Int32

  /// Opens a file for reading.
  /// - Throws: `StorageError` where it is missing, a folder or not readable.
  init(reading path: String) throws(StorageError) {
    // A pipe without a writer would hold the opening up for ever.
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Self.failure(path, "cannot be opened") }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw StorageError(what: "it is not a file", path: path, expected: "a regular file", action: "check the path")
    }
    (self.path, self.size, self.descriptor) = (path, Int(status.st_size), descriptor)
  }

  /// Opens a file that is there for writing; `target` serves for messages.
  /// - Throws: `StorageError` where it cannot be written.
  init(writing path: String, for target: String) throws(StorageError) {
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw Self.failure(target, "cannot be written") }
    (self.path, self.size, self.descriptor) = (target, 0, descriptor)
  }

  deinit { close(descriptor) }

  /// Values from an offset in bytes on.
  /// - Throws: `StorageError` where the file ends before them or cannot be read.
  func read<Value: BitwiseCopyable>(_ count: Int, of: Value.Type, at offset: Int) throws(StorageError) -> [Value] {
    let (bytes, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Value>.stride)
    guard count >= 0, offset >= 0, !overflow, offset <= size, bytes <= size - offset else {
      throw StorageError(
        what: "\(count) values from byte \(offset) on exceed its \(size) bytes: it is truncated or damaged", path: path,
        action: "copy or make it again")
    }
    var failure: StorageError?
    let values = [Value](unsafeUninitializedCapacity: count) { buffer, initialized in
      do throws(StorageError) {
        try read(into: UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: bytes), at: offset)
        initialized = count
      } catch { failure = error }
    }
    if let failure { throw failure }
    return values
  }

  /// Fills memory with what lies from an offset in bytes on.
  /// - Throws: `StorageError` where the file ends before that is full or cannot be read.
  func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(StorageError) {
    guard let base = buffer.baseAddress else { return }
    var done = 0
    while done < buffer.count {
      let part = pread(descriptor, base + done, buffer.count - done, offset + done)
      if part < 0 && errno == EINTR { continue }
      guard part > 0 else { throw Self.failure(path, "only \(done) of \(buffer.count) bytes could be read") }
      done += part
    }
  }

  /// Adds bytes.
  /// - Throws: `StorageError` where the disk is full or fails.
  func append(_ bytes: [UInt8]) throws(StorageError) {
    let isWritten = bytes.withUnsafeBytes { write($0) }
    guard isWritten else { throw Self.failure(path, "cannot be written") }
  }

  /// Adds the values of a tensor.
  /// - Throws: `StorageError` where the disk is full or fails.
  func append(_ tensor: Tensor) throws(StorageError) {
    let isWritten = tensor.withUnsafePointer { write(UnsafeRawBufferPointer(start: $0, count: 4 * tensor.count)) }
    guard isWritten else { throw Self.failure(path, "cannot be written") }
  }

  private func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
    var done = 0
    while done < bytes.count, let base = bytes.baseAddress {
      let part = Glibc.write(descriptor, base + done, bytes.count - done)
      if part < 0 && errno == EINTR { continue }
      if part <= 0 { return false }
      done += part
    }
    return true
  }

  private static func failure(_ path: String, _ what: String) -> StorageError {
    let code = errno
    let isMissing = code == ENOENT || code == ENOTDIR
    return StorageError(
      what: isMissing ? "there is no such file" : "\(what) (\(String(cString: strerror(code))))", path: path,
      action: isMissing ? "" : "check the path, its permissions and the room on the disk",
      kind: isMissing ? .missing : .system)
  }
}
