import CImages

/// A file's bytes, read at any place: `nil` beyond the end.
struct ImageBytes {
  let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var count: Int { bytes.count }

  /// A whole number of so many bytes, the least significant first.
  func little(_ size: Int, at place: Int) -> Int? {
    guard place >= 0, place <= count - size else { return nil }
    return (0..<size).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
  }

  /// A whole number of so many bytes, the most significant first.
  func big(_ size: Int, at place: Int) -> Int? {
    guard place >= 0, place <= count - size else { return nil }
    return (0..<size).reduce(0) { $0 << 8 | Int(bytes[place + $1]) }
  }

  /// Bytes from a place on.
  func slice(_ size: Int, at place: Int) -> ArraySlice<UInt8>? {
    guard place >= 0, size >= 0, place <= count - size else { return nil }
    return bytes[place..<place + size]
  }
}

/// The message that a function of the C shim left, and whether it succeeded.
func withMessage(_ body: (UnsafeMutablePointer<CChar>) -> Bool) -> String? {
  withUnsafeTemporaryAllocation(of: CChar.self, capacity: images_message_size) { buffer in
    buffer.initialize(repeating: 0)
    guard let base = buffer.baseAddress, !body(base) else { return nil }
    return String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
