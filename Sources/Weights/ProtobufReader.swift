internal import Support

/// Reads protocol-buffer messages where they lie in a file; long fields are passed by, not read.
///
/// Wire format: https://protobuf.dev/programming-guides/encoding/
struct ProtobufReader: ~Copyable {
  /// A field of a message.
  enum Value: Equatable {
    case number(UInt64)
    /// 4 bytes.
    case fixed(UInt32)
    /// Text, bytes, a message or packed numbers: where they lie in the file.
    case bytes(Range<Int>)
  }

  private let file: RawFile
  private var window: [UInt8] = []
  private var windowStart = 0
  private var fieldsLeft = 1 << 21

  private let kind: String

  /// Reads a file; `kind` is what messages call it.
  init(_ file: consuming RawFile, kind: String = "ONNX") {
    self.file = file
    self.kind = kind
  }

  var path: String { file.path }
  var size: Int { file.size }

  /// Gives the file back.
  consuming func finish() -> RawFile { file }

  /// The fields of the message in a range, in order; two million in all messages together.
  /// - Throws: `FileError` where the bytes are no message.
  mutating func fields(in range: Range<Int>) throws(FileError) -> [(number: Int, value: Value)] {
    var fields: [(number: Int, value: Value)] = []
    var position = range.lowerBound
    while position < range.upperBound {
      let tag = try varint(&position, end: range.upperBound)
      let number = Int(truncatingIfNeeded: tag >> 3)
      switch tag & 7 {
      case 0: fields.append((number, .number(try varint(&position, end: range.upperBound))))
      case 1: try skip(8, &position, range.upperBound)
      case 2:
        let length = try varint(&position, end: range.upperBound)
        let start = position
        try skip(length, &position, range.upperBound)
        fields.append((number, .bytes(start..<position)))
      case 5:
        let start = position
        try skip(4, &position, range.upperBound)
        let bytes = try bytes(in: start..<position)
        fields.append((number, .fixed(bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) })))
      default: throw damaged(at: position)
      }
      fieldsLeft -= 1
      guard number > 0, fieldsLeft > 0 else { throw damaged(at: position) }
    }
    return fields
  }

  /// Text; at most 1 MiB of UTF-8. Other bytes are refused: repaired, two names could become one.
  mutating func text(_ range: Range<Int>) throws(FileError) -> String {
    guard range.count <= 1 << 20, let text = String(validating: try bytes(in: range), as: UTF8.self) else {
      throw damaged(at: range.lowerBound)
    }
    return text
  }

  /// Packed numbers of a tensor, of any length.
  mutating func allNumbers(_ range: Range<Int>) throws(FileError) -> [UInt64] {
    var numbers: [UInt64] = []
    var position = range.lowerBound
    while position < range.upperBound { numbers.append(try varint(&position, end: range.upperBound)) }
    return numbers
  }

  /// Packed numbers; at most 1 MiB of them.
  mutating func numbers(_ range: Range<Int>) throws(FileError) -> [UInt64] {
    guard range.count <= 1 << 20 else { throw damaged(at: range.lowerBound) }
    return try allNumbers(range)
  }

  /// Packed numbers of 4 bytes; at most 1 MiB of them.
  mutating func floats(_ range: Range<Int>) throws(FileError) -> [Float] {
    guard range.count <= 1 << 20, range.count % 4 == 0 else { throw damaged(at: range.lowerBound) }
    return try file.read(range.count / 4, of: UInt32.self, at: range.lowerBound).map { Float(bitPattern: $0) }
  }

  /// Signed numbers of 4 or 8 bytes; at most 64.
  func words(_ range: Range<Int>, bytes: Int) throws(FileError) -> [Int]? {
    guard range.count % bytes == 0, range.count / bytes <= 64 else { return nil }
    if bytes == 8 { return try file.read(range.count / 8, of: Int.self, at: range.lowerBound) }
    return try file.read(range.count / 4, of: Int32.self, at: range.lowerBound).map { Int($0) }
  }

  /// A single number as it lies in the file.
  func value(of element: ByteStore.Entry.Element, at offset: Int) throws(FileError) -> Float {
    switch element {
    case .float32: try file.read(1, of: Float.self, at: offset)[0]
    case .float64: Float(try file.read(1, of: Double.self, at: offset)[0])
    case .float16, .bfloat16: element.value(ofBits: try file.read(1, of: UInt16.self, at: offset)[0])
    }
  }

  private mutating func varint(_ position: inout Int, end: Int) throws(FileError) -> UInt64 {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard position < end else { break }
      let byte = try byte(at: position)
      position += 1
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    throw damaged(at: position)
  }

  private func skip(_ count: UInt64, _ position: inout Int, _ end: Int) throws(FileError) {
    guard count <= UInt64(max(0, end - position)) else { throw damaged(at: position) }
    position += Int(count)
  }

  private mutating func byte(at position: Int) throws(FileError) -> UInt8 {
    if !(windowStart..<windowStart + window.count).contains(position) {
      windowStart = position
      window = try file.read(min(4096, file.size - position), of: UInt8.self, at: position)
    }
    return window[position - windowStart]
  }

  mutating func bytes(in range: Range<Int>) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(range.count)
    for position in range { bytes.append(try byte(at: position)) }
    return bytes
  }

  private func damaged(at position: Int) -> FileError {
    FileError(
      what: "damaged \(kind) file: a field at byte \(position) is malformed or exceeds its message", path: path,
      action: "it may be truncated; copy or make it again")
  }
}
