internal import Support

/// Numbers and texts.
extension PickleMachine {
  /// The most bytes of a whole number; torch's magic number has 10.
  private static let widestInteger = 32

  /// The number that an operation gives.
  mutating func number(_ operation: PickleOperation) throws(FileError) -> Pickle.Value {
    switch operation {
    case .binaryInt1: return .integer(try input.number(1))
    case .binaryInt2: return .integer(try input.number(2))
    case .binaryInt: return .integer(Int(Int32(truncatingIfNeeded: try input.number(4))))
    case .long1: return try integer(input.number(1))
    case .long4: return try integer(Int(Int32(truncatingIfNeeded: try input.number(4))))
    case .binaryFloat:
      let bits = try input.bytes(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      return .float(Double(bitPattern: bits))
    case .float:
      let text = try word()
      guard let number = Double(text) else { throw refusal("\(Self.shown(text)) is no number") }
      return .float(number)
    default:
      var text = try word()
      if operation == .int, text == "00" || text == "01" { return .bool(text == "01") }
      if text.last == "L" { text.removeLast() }
      guard let number = Int(text) else { throw refusal("\(Self.shown(text)) is no whole number of 64 bits") }
      return .integer(number)
    }
  }

  private mutating func integer(_ count: Int) throws(FileError) -> Pickle.Value {
    guard (0...Self.widestInteger).contains(count) else {
      throw refusal("a whole number of \(count) bytes; at most \(Self.widestInteger) are read")
    }
    let bytes = try input.bytes(count)
    guard count <= 8 else { return .wideInteger(bytes) }
    let fill: UInt64 = (bytes.last ?? 0) & 0x80 == 0 ? 0 : ~0
    let bits = bytes.reversed().reduce(fill) { $0 << 8 | UInt64($1) }
    return .integer(Int(Int64(bitPattern: bits)))
  }

  /// The text or bytes that an operation gives; long bytes stay in the file.
  mutating func text(_ operation: PickleOperation) throws(FileError) -> Pickle.Value {
    switch operation {
    case .shortBinaryString, .shortBinaryBytes: return .bytes(.place(try input.skip(try input.number(1))))
    case .binaryString:
      // Python 2's length has a sign.
      return .bytes(.place(try input.skip(Int(Int32(truncatingIfNeeded: try input.number(4))))))
    case .binaryBytes: return .bytes(.place(try input.skip(try input.number(4))))
    case .binaryBytes8, .byteArray8: return .bytes(.place(try input.skip(try input.length())))
    case .shortBinaryUnicode: return try unicode(input.number(1))
    case .binaryUnicode: return try unicode(input.number(4))
    case .binaryUnicode8: return try unicode(input.length())
    case .string:
      let line = try input.line(limit: input.left)
      try hold(line.count)
      return .bytes(.held(try unquoted(line)))
    default:
      let line = try input.line(limit: input.left)
      try hold(2 * line.count)
      return .text(try unescaped(line))
    }
  }

  private mutating func unicode(_ count: Int) throws(FileError) -> Pickle.Value {
    let bytes = try input.bytes(count)
    try hold(count)
    guard let text = String(validating: bytes, as: UTF8.self) else { throw refusal("a text that is not UTF-8") }
    return .text(text)
  }

  /// A word of an operation that is written as a line.
  mutating func word() throws(FileError) -> String {
    guard let text = String(validating: try input.line(), as: UTF8.self) else {
      throw refusal("a name or number that is not UTF-8")
    }
    return text
  }

  /// A place of the memo that is written as a line.
  mutating func index() throws(FileError) -> Int {
    let text = try word()
    guard let index = Int(text), index >= 0 else { throw refusal("\(Self.shown(text)) is no place of its memo") }
    return index
  }

  /// The bytes of a string of protocol 0: a literal of Python's with quotes and escapes.
  private func unquoted(_ line: [UInt8]) throws(FileError) -> [UInt8] {
    guard line.count >= 2, let quote = line.first, quote == 0x22 || quote == 0x27, line.last == quote else {
      throw refusal("a string without quotes")
    }
    let plain: [UInt8: UInt8] = [
      0x5C: 0x5C, 0x27: 0x27, 0x22: 0x22, 0x6E: 0x0A, 0x72: 0x0D, 0x74: 0x09, 0x61: 7, 0x62: 8, 0x66: 0x0C, 0x76: 0x0B,
    ]
    var bytes: [UInt8] = []
    bytes.reserveCapacity(line.count)
    var place = 1
    let end = line.count - 1
    while place < end {
      guard line[place] == 0x5C else {
        bytes.append(line[place])
        place += 1
        continue
      }
      if place + 1 < end, let byte = plain[line[place + 1]] {
        bytes.append(byte)
        place += 2
      } else if place + 3 < end, line[place + 1] == 0x78, let byte = Self.hexadecimal(line[place + 2..<place + 4]) {
        bytes.append(UInt8(byte))
        place += 4
      } else {
        throw refusal("an escape in a string that Python does not write")
      }
    }
    return bytes
  }

  /// The text of a line of protocol 0: Latin-1 with escapes \uXXXX and \UXXXXXXXX.
  private func unescaped(_ line: [UInt8]) throws(FileError) -> String {
    var scalars = String.UnicodeScalarView()
    var place = 0
    while place < line.count {
      let lengths: [UInt8: Int] = [0x75: 4, 0x55: 8]
      let length = place + 1 < line.count && line[place] == 0x5C ? lengths[line[place + 1]] : nil
      guard let length else {
        scalars.append(Unicode.Scalar(line[place]))
        place += 1
        continue
      }
      guard place + 2 + length <= line.count, let number = Self.hexadecimal(line[place + 2..<place + 2 + length]),
        let scalar = Unicode.Scalar(number)
      else { throw refusal("an escape in a text that is no character") }
      scalars.append(scalar)
      place += 2 + length
    }
    return String(scalars)
  }

  private static func hexadecimal(_ digits: ArraySlice<UInt8>) -> UInt32? {
    var number: UInt32 = 0
    for digit in digits {
      guard let value = Character(Unicode.Scalar(digit)).hexDigitValue else { return nil }
      number = number << 4 | UInt32(value)
    }
    return number
  }
}
