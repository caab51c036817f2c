/// GIF's variable-length codes (Welch 1984): each names a string, and the table grows with every code.
struct LZWDecoder {
  private let bytes: [UInt8]
  private let codeSize: Int

  /// `nil` for a size that GIF does not have.
  init?(_ bytes: [UInt8], codeSize: Int) {
    guard (1...8).contains(codeSize) else { return nil }
    (self.bytes, self.codeSize) = (bytes, codeSize)
  }

  /// The first indices; `nil` if there are fewer or a code is unknown.
  func indices(_ count: Int) -> [UInt8]? {
    let clear = 1 << codeSize
    var prefixes = [Int](repeating: 0, count: 4096)
    var suffixes = (0..<4096).map { UInt8(truncatingIfNeeded: $0) }
    var (next, width, previous, first) = (clear + 2, codeSize + 1, -1, UInt8(0))
    var (buffer, filled, place) = (0, 0, 0)
    var string: [UInt8] = []
    var indices: [UInt8] = []
    indices.reserveCapacity(count)
    while indices.count < count {
      while filled < width {
        guard place < bytes.count else { return nil }
        buffer |= Int(bytes[place]) << filled
        (filled, place) = (filled + 8, place + 1)
      }
      let code = buffer & (1 << width - 1)
      (buffer, filled) = (buffer >> width, filled - width)
      if code == clear {
        (next, width, previous) = (clear + 2, codeSize + 1, -1)
        continue
      }
      guard code != clear + 1, code <= next, previous >= 0 || code < clear else { return nil }
      // The code that is only now being added is the previous string and its own first index.
      string.removeAll(keepingCapacity: true)
      if code == next { string.append(first) }
      var part = code == next ? previous : code
      while part > clear {
        string.append(suffixes[part])
        part = prefixes[part]
      }
      first = UInt8(part)
      string.append(first)
      indices.append(contentsOf: string.reversed())
      if previous >= 0, next < 4096 {
        (prefixes[next], suffixes[next]) = (previous, first)
        next += 1
        if next == 1 << width, width < 12 { width += 1 }
      }
      previous = code
    }
    return Array(indices.prefix(count))
  }
}
