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

  init(_ file: consuming RawFile) { self.file = file }

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

  /// Text; at most 1 MiB.
  mutating func text(_ range: Range<Int>) throws(FileError) -> String {
    guard range.count <= 1 << 20 else { throw damaged(at: range.lowerBound) }
    return String(decoding: try bytes(in: range), as: UTF8.self)
  }

  /// Packed numbers; at most 1 MiB of them.
  mutating func numbers(_ range: Range<Int>) throws(FileError) -> [UInt64] {
    guard range.count <= 1 << 20 else { throw damaged(at: range.lowerBound) }
    var numbers: [UInt64] = []
    var position = range.lowerBound
    while position < range.upperBound { numbers.append(try varint(&position, end: range.upperBound)) }
    return numbers
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

  private mutating func bytes(in range: Range<Int>) throws(FileError) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(range.count)
    for position in range { bytes.append(try byte(at: position)) }
    return bytes
  }

  private func damaged(at position: Int) -> FileError {
    FileError(
      what: "damaged ONNX file: a field at byte \(position) is malformed or exceeds its message", path: path,
      action: "it may be truncated; copy or make it again")
  }
}
