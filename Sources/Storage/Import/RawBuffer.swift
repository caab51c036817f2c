/// One array inside another file (gzip or plain), such as the buffer of a pickle, which is never unpickled.
package struct RawBuffer: Sendable, Equatable {
  /// Where the array begins.
  package enum Start: Sendable, Equatable {
    case offset(Int)
    /// Right after the first place where these bytes stand.
    case after([UInt8])
  }

  package var path: String
  package var start: Start

  package init(path: String, start: Start) {
    self.path = path
    self.start = start
  }

  /// The array of that shape at the start.
  /// - Throws: `StorageError` if the pattern is nowhere or fewer bytes follow than the shape asks for.
  func read(shape: [Int], element: NumericArray.Element) throws(StorageError) -> NumericArray {
    let bytes = try FileBytes.readInflated(path)
    let first: Int
    switch start {
    case .offset(let offset): first = offset
    case .after(let pattern):
      guard let place = Self.place(of: pattern, in: bytes) else {
        let text = pattern.map { String($0, radix: 16) }.joined(separator: " ")
        throw StorageError(
          what: "the bytes \(text) stand nowhere", path: path, expected: "the buffer after them",
          action: "check that it is the right file")
      }
      first = place + pattern.count
    }
    guard let count = NumericArray.byteCount(shape, element), first >= 0, first <= bytes.count,
      count <= bytes.count - first
    else {
      throw StorageError(
        what: "\(max(0, bytes.count - first)) bytes from offset \(first) on", path: path,
        expected: "shape \(shape) of \(element.rawValue)", action: "check the file, the offset and the shape")
    }
    return try NumericArray(shape: shape, element: element, bytes: bytes[first..<first + count], path: path)
  }

  private static func place(of pattern: [UInt8], in bytes: [UInt8]) -> Int? {
    guard let head = pattern.first, pattern.count <= bytes.count else { return nil }
    return (0...bytes.count - pattern.count).first {
      bytes[$0] == head && bytes[$0..<$0 + pattern.count].elementsEqual(pattern)
    }
  }
}
