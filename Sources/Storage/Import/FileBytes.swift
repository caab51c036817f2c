import CZlib
import Glibc

/// Whole files as bytes, bounded; the calls to the system and to zlib that take addresses are here.
package enum FileBytes {
  /// The most that one source file may hold after inflation unless told otherwise: 4 GiB.
  package static let defaultLimit = 4 << 30

  /// The bytes of a file.
  /// - Throws: `StorageError` if it is missing, a folder, unreadable or larger than `limit` bytes.
  static func read(_ path: String, limit: Int = defaultLimit) throws(StorageError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw failure(path, "cannot be opened") }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw failure(path, "cannot be read") }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw StorageError(what: "not a file", path: path, expected: "a regular file", action: "check the path")
    }
    let size = Int(status.st_size)
    guard size <= limit else {
      throw StorageError(
        what: "\(size) bytes", path: path, expected: "at most \(limit)", action: "split it or make it smaller")
    }
    var done = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
      while done < size, let base = buffer.baseAddress {
        let count = Glibc.read(descriptor, base + done, size - done)
        if count <= 0 { break }
        done += count
      }
      initialized = done
    }
    guard done == size else { throw failure(path, "only \(done) of \(size) bytes could be read") }
    return bytes
  }

  /// The bytes of a file, inflated if it is gzip (told by its first two bytes, not by its name).
  /// - Throws: `StorageError` as `read` does, and for damaged gzip or more than `limit` bytes inside.
  package static func readInflated(_ path: String, limit: Int = defaultLimit) throws(StorageError) -> [UInt8] {
    let bytes = try read(path, limit: limit)
    return bytes.starts(with: [0x1F, 0x8B]) ? try inflated(bytes, path: path, limit: limit) : bytes
  }

  /// The contents of gzip members, one after another, up to `limit` bytes.
  static func inflated(_ bytes: [UInt8], path: String, limit: Int) throws(StorageError) -> [UInt8] {
    var stream = z_stream()
    let gzip: Int32 = 15 + 16
    guard inflateInit2_(&stream, gzip, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      throw StorageError(
        what: "zlib does not start", path: path, action: "free some memory and try again", kind: .system)
    }
    defer { inflateEnd(&stream) }
    var result: [UInt8] = []
    var window = [UInt8](repeating: 0, count: 1 << 18)
    var consumed = 0
    var status = Z_OK
    while status != Z_STREAM_END || consumed < bytes.count {
      // Another member follows, or zeros that pad the file.
      if status == Z_STREAM_END {
        if bytes[consumed...].allSatisfy({ $0 == 0 }) { break }
        inflateReset(&stream)
      }
      let offered = min(bytes.count - consumed, 1 << 30)
      let (given, produced): (Int, Int) = bytes.withUnsafeBufferPointer { input in
        window.withUnsafeMutableBufferPointer { output in
          stream.next_in = input.baseAddress.map { UnsafeMutablePointer(mutating: $0 + consumed) }
          stream.avail_in = UInt32(offered)
          stream.next_out = output.baseAddress
          stream.avail_out = UInt32(output.count)
          status = inflate(&stream, Z_NO_FLUSH)
          return (offered - Int(stream.avail_in), output.count - Int(stream.avail_out))
        }
      }
      consumed += given
      guard status == Z_OK || status == Z_STREAM_END, given > 0 || produced > 0 else {
        let isShort = consumed == bytes.count
        throw StorageError(
          what: isShort ? "truncated gzip file" : "damaged gzip file", path: path,
          expected: "whole gzip members", action: "fetch or make the file again")
      }
      guard result.count + produced <= limit else {
        throw StorageError(
          what: "inflates to more than \(limit) bytes", path: path, expected: "at most that",
          action: "check that it is the right file")
      }
      result += window[..<produced]
    }
    return result
  }

  /// The CRC-32 of zlib over the bytes of values as they lie in memory, going on from an earlier part if given.
  package static func crc32<Value: BitwiseCopyable>(_ values: [Value], from earlier: UInt32 = 0) -> UInt32 {
    values.withUnsafeBytes { bytes in
      var value = UInt(earlier)
      var start = 0
      while start < bytes.count, let base = bytes.bindMemory(to: UInt8.self).baseAddress {
        let count = min(bytes.count - start, 1 << 30)
        value = CZlib.crc32(value, base + start, UInt32(count))
        start += count
      }
      return UInt32(truncatingIfNeeded: value)
    }
  }

  private static func failure(_ path: String, _ what: String) -> StorageError {
    let code = errno
    return StorageError(
      what: "\(what) (\(String(cString: strerror(code))))", path: path, action: "check the path and its permissions",
      kind: code == ENOENT || code == ENOTDIR ? .missing : .system)
  }
}
