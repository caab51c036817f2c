internal import CZlib

/// Reads files as bytes, and inflates gzip files.
package enum FileBytes {
  /// The largest inflated size of a gzip file: 64 GiB.
  package static let inflationLimit = 64 << 30

  /// The bytes of a file.
  ///
  /// - Throws: `FileError` if it is missing, a directory, unreadable, larger than `limit` bytes, or a Git LFS pointer or HTML
  ///   page in place of the file.
  package static func read(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
    let file = try RawFile(reading: path)
    guard file.size <= limit else {
      throw FileError(
        what: "\(file.size) bytes", path: path, expected: "at most \(limit)", action: "split it or make it smaller")
    }
    let bytes = try file.read(file.size, of: UInt8.self, at: 0)
    try requireContent(bytes, path)
    return bytes
  }

  /// Throws where bytes are those of a Git LFS pointer or an HTML page.
  private static func requireContent(_ bytes: [UInt8], _ path: String) throws(FileError) {
    let nature = FileNature(head: Array(bytes.prefix(FileNature.headLength)), size: bytes.count, name: path)
    if nature.isStandIn { throw nature.refusal(path, expected: "the file itself") }
  }

  /// The first bytes of a file, fewer if it is shorter.
  ///
  /// - Throws: `FileError` if it is missing, a directory or unreadable.
  package static func head(of path: String, count: Int) throws(FileError) -> [UInt8] {
    let file = try RawFile(reading: path)
    return try file.read(min(count, file.size), of: UInt8.self, at: 0)
  }

  /// The bytes of a file, inflated if its first two bytes (not its name) mark it as gzip.
  ///
  /// - Throws: `FileError` as `read`, and for damaged gzip or more than `limit` bytes inflated.
  package static func readInflated(_ path: String, limit: Int) throws(FileError) -> [UInt8] {
    let file = try RawFile(reading: path)
    guard try isGzip(file) else { return try read(path, limit: limit) }
    var bytes: [UInt8] = []
    try inflate(file, limit: limit) { bytes += $0 }
    return bytes
  }

  /// Whether a file begins with gzip's magic number.
  ///
  /// - Throws: `FileError` if it cannot be read.
  package static func isGzip(_ file: borrowing RawFile) throws(FileError) -> Bool {
    guard file.size >= 2 else { return false }
    return try file.read(2, of: UInt8.self, at: 0) == [0x1F, 0x8B]
  }

  /// Inflates all gzip members of a file and hands the bytes to `body` in pieces of at most 256 KiB.
  ///
  /// - Throws: `FileError` for damaged gzip or more than `limit` bytes inflated, and what `body` throws.
  package static func inflate(
    _ file: borrowing RawFile, limit: Int, _ body: (ArraySlice<UInt8>) throws(FileError) -> Void
  ) throws(FileError) {
    guard let stream = InflateStream(.gzip) else { throw noMemory(file.path) }
    var input: [UInt8] = []
    var used = 0
    var (offset, total) = (0, 0)
    var window = [UInt8](repeating: 0, count: 1 << 18)
    var status = Z_OK
    while true {
      if used == input.count, offset < file.size {
        input = try file.read(min(1 << 18, file.size - offset), of: UInt8.self, at: offset)
        offset += input.count
        used = 0
      }
      if status == Z_STREAM_END {
        // Zeros can pad the file; anything else must be another member.
        let isPadding = input[used...].allSatisfy { $0 == 0 }
        if isPadding && offset == file.size { return }
        if isPadding {
          used = input.count
          continue
        }
        stream.reset()
      }
      let given: Int
      let produced: Int
      (given, produced, status) = stream.inflate(input[used...], into: &window)
      used += given
      guard status == Z_OK || status == Z_STREAM_END, given > 0 || produced > 0 else {
        let isShort = used == input.count && offset == file.size
        throw FileError(
          what: isShort ? "truncated gzip file" : "damaged gzip file", path: file.path,
          expected: "complete gzip members", action: "download or create the file again")
      }
      total += produced
      guard total <= limit else {
        throw FileError(
          what: "inflates to more than the limit", path: file.path, expected: "at most \(limit) bytes",
          action: "check that it is the right file, or unpack it with gunzip")
      }
      try body(window[..<produced])
    }
  }

  /// Inflates bare deflated data, as ZIP archives have it, and hands the bytes to `body` in pieces of at most 256 KiB.
  ///
  /// - Parameters:
  ///   - range: where the data lie in the file; they must fill it.
  ///   - path: what to call the data in errors.
  ///   - size: the number of bytes that must come of it.
  ///   - body: takes bytes, and returns whether to go on.
  /// - Throws: `FileError` for damaged data or another size, as soon as it is exceeded, and what `body` throws.
  package static func inflate(
    _ range: Range<Int>, of file: borrowing RawFile, named path: String, size: Int,
    _ body: (ArraySlice<UInt8>) throws(FileError) -> Bool
  ) throws(FileError) {
    guard let stream = InflateStream(.none) else { throw noMemory(path) }
    func damaged(_ what: String) -> FileError {
      FileError(what: "damaged deflated data: \(what)", path: path, action: "download or create the file again")
    }
    var window = [UInt8](repeating: 0, count: 1 << 18)
    var input: [UInt8] = []
    var (used, offset, total) = (0, range.lowerBound, 0)
    while true {
      if used == input.count {
        input = try file.read(min(1 << 18, range.upperBound - offset), of: UInt8.self, at: offset)
        offset += input.count
        used = 0
      }
      let (given, produced, status) = stream.inflate(input[used...], into: &window)
      used += given
      total += produced
      guard status == Z_OK || status == Z_STREAM_END, total <= size, given > 0 || produced > 0 else {
        throw damaged(total > size ? "more than its \(size) bytes" : "byte \(offset - input.count + used)")
      }
      if produced > 0, try !body(window[..<produced]) { return }
      guard status == Z_STREAM_END else { continue }
      guard total == size, used == input.count, offset == range.upperBound else {
        throw damaged("\(total) bytes, expected \(size)")
      }
      return
    }
  }

  private static func noMemory(_ path: String) -> FileError {
    FileError(what: "cannot initialize zlib", path: path, action: "free some memory and try again", kind: .system)
  }
}
