internal import Support

/// The bytes of a pickle, read in order through a small buffer; every length is checked against what is left.
struct PickleInput {
  private static let window = 1 << 16

  let source: any ByteSource
  /// Where the next byte lies in the source.
  private(set) var position: Int
  private var buffer: [UInt8] = []
  private var bufferStart = 0

  init(_ source: any ByteSource, at position: Int) { (self.source, self.position) = (source, position) }

  var left: Int { source.size - position }

  /// Makes the buffer cover the next bytes, at most a window.
  private mutating func fill(_ count: Int) throws(FileError) {
    guard count <= left else { throw cut(count) }
    if position >= bufferStart, position + count <= bufferStart + buffer.count { return }
    bufferStart = position
    buffer = try source.bytes(min(Self.window, left), at: position)
  }

  private func cut(_ count: Int) -> FileError {
    FileError(
      what: "the pickle asks for \(count) bytes at byte \(position), and \(max(0, left)) are left", path: source.path,
      action: "it is truncated or damaged; download or create it again")
  }

  mutating func byte() throws(FileError) -> UInt8 {
    try fill(1)
    defer { position += 1 }
    return buffer[position - bufferStart]
  }

  /// A little-endian number of at most 4 bytes.
  mutating func number(_ count: Int) throws(FileError) -> Int {
    try fill(count)
    let start = position - bufferStart
    position += count
    return buffer[start..<start + count].reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  /// A length of 8 bytes.
  mutating func length() throws(FileError) -> Int {
    let (low, high) = (try number(4), try number(4))
    guard high < 1 << 28 else { throw cut(Int.max) }
    return high << 32 | low
  }

  /// Steps over bytes that stay in the source.
  mutating func skip(_ count: Int) throws(FileError) -> Range<Int> {
    guard count >= 0, count <= left else { throw cut(count) }
    defer { position += count }
    return position..<position + count
  }

  mutating func bytes(_ count: Int) throws(FileError) -> [UInt8] {
    let range = try skip(count)
    if range.lowerBound >= bufferStart, range.upperBound <= bufferStart + buffer.count {
      return Array(buffer[range.lowerBound - bufferStart..<range.upperBound - bufferStart])
    }
    return try source.bytes(count, at: range.lowerBound)
  }

  /// The bytes up to the next line feed, which is stepped over.
  ///
  /// - Parameter limit: the most bytes.
  mutating func line(limit: Int = 4096) throws(FileError) -> [UInt8] {
    var line: [UInt8] = []
    while true {
      try fill(1)
      let rest = buffer[(position - bufferStart)...]
      if let end = rest.firstIndex(of: 0x0A) {
        line += rest[..<end]
        position = bufferStart + end + 1
        break
      }
      line += rest
      position = bufferStart + buffer.count
      guard line.count <= limit else { break }
    }
    guard line.count <= limit else {
      throw FileError(
        what: "the pickle has a line of more than \(limit) bytes before byte \(position)", path: source.path,
        action: "it is damaged or malicious")
    }
    return line
  }
}
