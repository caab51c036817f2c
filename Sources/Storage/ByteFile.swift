internal import CZlib
internal import Glibc
internal import Kernels
internal import Synchronization
internal import Tensors

// The one file of this room that holds pointers: bytes between files, zlib and memory.

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
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { throw Self.failure(path, "cannot be opened") }
    var status = stat()
    guard unsafe fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw StorageError(what: "it is not a file", path: path, expected: "a regular file", action: "check the path")
    }
    (self.path, self.size, self.descriptor) = (path, Int(status.st_size), descriptor)
  }

  /// Opens a file that is there for writing; `target` serves for messages.
  /// - Throws: `StorageError` where it cannot be written.
  init(writing path: String, for target: String) throws(StorageError) {
    let descriptor = unsafe open(path, O_WRONLY | O_CLOEXEC)
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
    return try unsafe [Value](filling: count) { buffer throws(StorageError) in
      try unsafe fill(UnsafeMutableRawBufferPointer(buffer), at: offset)
    }
  }

  /// Fills memory with what lies from an offset in bytes on.
  /// - Throws: `StorageError` where the file ends before that is full or cannot be read.
  private func fill(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(StorageError) {
    guard let base = buffer.baseAddress else { return }
    var done = 0
    while done < buffer.count {
      let part = unsafe pread(descriptor, base + done, buffer.count - done, offset + done)
      if part < 0 && errno == EINTR { continue }
      guard part > 0 else { throw Self.failure(path, "only \(done) of \(buffer.count) bytes could be read") }
      done += part
    }
  }

  /// Values that lie one after another as float32, and whether all are finite: read on all threads, as new memory takes
  /// longer than the bytes, in parts that are still in cache when they are looked through.
  /// - Throws: `StorageError` where the file ends before them or cannot be read.
  func tensor(at offset: Int, shape: [Int]) throws(StorageError) -> (values: Tensor, isFinite: Bool) {
    var tensor = Tensor(uninitialized: shape)
    let (count, part) = (tensor.count, 1 << 19)
    let failure = Mutex<StorageError?>(nil)
    let isFinite = Atomic<Bool>(true)
    unsafe tensor.withUnsafeMutablePointer { base in
      ThreadPool.shared.parallel((count + part - 1) / part) { index in
        let first = index * part
        let buffer = unsafe UnsafeMutableBufferPointer(start: base + first, count: min(part, count - first))
        do throws(StorageError) {
          try unsafe fill(UnsafeMutableRawBufferPointer(buffer), at: offset + MemoryLayout<Float>.stride * first)
          if unsafe !Elementwise.isFinite(buffer.span) { isFinite.store(false, ordering: .relaxed) }
        } catch { failure.withLock { $0 = error } }
      }
    }
    if let failure = failure.withLock({ $0 }) { throw failure }
    return (tensor, isFinite.load(ordering: .relaxed))
  }

  /// Adds bytes.
  /// - Throws: `StorageError` where the disk is full or fails.
  func append(_ bytes: [UInt8]) throws(StorageError) {
    try unsafe append(bytes.span.bytes)
  }

  /// Adds the values of a tensor.
  /// - Throws: `StorageError` where the disk is full or fails.
  func append(_ tensor: Tensor) throws(StorageError) {
    try tensor.withSpan { span throws(StorageError) in try unsafe append(span.bytes) }
  }

  private func append(_ bytes: RawSpan) throws(StorageError) {
    var done = 0
    while done < bytes.byteCount {
      let part = unsafe bytes.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress! + done, $0.count - done) }
      if part < 0 && errno == EINTR { continue }
      guard part > 0 else { throw Self.failure(path, "cannot be written") }
      done += part
    }
  }

  private static func failure(_ path: String, _ what: String) -> StorageError {
    let code = errno
    let isMissing = code == ENOENT || code == ENOTDIR
    return StorageError(
      what: isMissing ? "there is no such file" : "\(what) (\(StorageError.reason))", path: path,
      action: isMissing ? "" : "check the path, its permissions and the room on the disk",
      kind: isMissing ? .missing : .system)
  }
}

extension Array where Element: BitwiseCopyable {
  /// As many elements as `fill` puts into memory for them.
  fileprivate init<Failure: Error>(
    filling count: Int, _ fill: (UnsafeMutableBufferPointer<Element>) throws(Failure) -> Void
  ) throws(Failure) {
    var failure: Failure?
    self = unsafe [Element](unsafeUninitializedCapacity: count) { buffer, initialized in
      do throws(Failure) {
        try unsafe fill(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
        initialized = count
      } catch { failure = error }
    }
    if let failure { throw failure }
  }

  /// The elements that lie in bytes as in memory; what is no whole element is left out.
  init(rawBytes bytes: [UInt8]) {
    self = unsafe [Element](filling: bytes.count / MemoryLayout<Element>.stride) { buffer in
      unsafe UnsafeMutableRawBufferPointer(buffer).copyBytes(
        from: bytes.prefix(buffer.count * MemoryLayout<Element>.stride))
    }
  }

  /// The bytes of the elements as they lie in memory.
  var rawBytes: [UInt8] { unsafe withUnsafeBytes { unsafe Array<UInt8>($0) } }
}

extension MutableSpan where Element: BitwiseCopyable {
  /// Puts values into a span of their number.
  mutating func update(from values: ArraySlice<Element>) {
    precondition(count == values.count, "MutableSpan: \(values.count) values for \(count)")
    unsafe withUnsafeMutableBufferPointer { unsafe _ = $0.update(fromContentsOf: values) }
  }
}

/// Inflates members of a gzip file.
@safe struct GzipStream: ~Copyable {
  private let stream: UnsafeMutablePointer<z_stream>

  /// - Returns: nil where zlib has no memory.
  init?() {
    unsafe stream = .allocate(capacity: 1)
    unsafe stream.initialize(to: z_stream())
    let gzip: Int32 = 15 + 16
    guard unsafe inflateInit2_(stream, gzip, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      unsafe stream.deallocate()
      return nil
    }
  }

  deinit {
    unsafe inflateEnd(stream)
    unsafe stream.deallocate()
  }

  /// Begins another member.
  func reset() { unsafe inflateReset(stream) }

  /// - Returns: how many bytes were taken and made, and zlib's status.
  func inflate(_ input: ArraySlice<UInt8>, into window: inout [UInt8]) -> (taken: Int, made: Int, status: Int32) {
    unsafe input.withUnsafeBufferPointer { input in
      unsafe window.withUnsafeMutableBufferPointer { output in
        unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
        unsafe stream.pointee.avail_in = UInt32(input.count)
        unsafe stream.pointee.next_out = output.baseAddress
        unsafe stream.pointee.avail_out = UInt32(output.count)
        let status = unsafe CZlib.inflate(stream, Z_NO_FLUSH)
        return unsafe (
          input.count - Int(stream.pointee.avail_in), output.count - Int(stream.pointee.avail_out), status
        )
      }
    }
  }
}
