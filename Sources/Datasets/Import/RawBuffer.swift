internal import Serialization
internal import Support

/// One array inside another file (gzip or plain), such as the buffer of a pickle, which is never unpickled.
package struct RawBuffer: Sendable, Equatable {
  /// The start of an array in a file.
  package enum Start: Sendable, Equatable {
    case offset(Int)
    /// Right after the first occurrence of these bytes.
    case after([UInt8])
  }

  /// The path of the file.
  package var path: String
  /// Where the array begins in the file.
  package var start: Start

  /// An array in a file.
  package init(path: String, start: Start) {
    self.path = path
    self.start = start
  }

  /// The array of that shape at the start.
  /// - Throws: `FileError` if the pattern is nowhere or fewer bytes follow than the shape asks for.
  func array(
    of shape: [Int], element: NumberType, in workplace: ImportWorkplace
  ) throws(FileError) -> NumericArray {
    let file = try SourceFile(path, in: workplace)
    let first: Int
    switch start {
    case .offset(let offset): first = offset
    case .after(let pattern):
      guard let place = try Self.place(of: pattern, in: file, workplace) else {
        let text = pattern.map { String($0, radix: 16) }.joined(separator: " ")
        throw FileError(
          what: "the bytes \(text) do not occur", path: path, expected: "the buffer after them",
          action: "check that it is the right file")
      }
      first = place + pattern.count
    }
    guard let count = NumericArray.byteCount(shape, element), first >= 0, first <= file.size,
      count <= file.size - first
    else {
      throw FileError(
        what: "\(max(0, file.size - first)) bytes from offset \(first) on", path: path,
        expected: "shape \(shape) of \(element.rawValue)", action: "check the file, the offset and the shape")
    }
    return try NumericArray(shape: shape, element: element, file: file, start: first, end: first + count)
  }

  /// The first place of a pattern, found piece by piece.
  private static func place(
    of pattern: [UInt8], in file: SourceFile, _ workplace: ImportWorkplace
  ) throws(FileError) -> Int? {
    guard let head = pattern.first else { return nil }
    // What was seen before the piece and may begin the pattern.
    var tail: [UInt8] = []
    var (seen, place): (Int, Int?) = (0, nil)
    try file.scan { piece throws(FileError) in
      try workplace.check()
      let bytes = tail + piece
      let last = bytes.count - pattern.count
      if last >= 0 {
        let found = (0...last).first {
          bytes[$0] == head && bytes[$0..<$0 + pattern.count].elementsEqual(pattern)
        }
        place = found.map { seen - tail.count + $0 }
      }
      seen += piece.count
      tail = Array(bytes.suffix(pattern.count - 1))
      return place == nil
    }
    return place
  }
}
