internal import Serialization
internal import Support

/// The IDX format of MNIST: two zero bytes, a type, the number of dimensions, their extents, values (big-endian).
enum IDXFile {
  private static let types: [UInt8: NumberType] = [
    0x08: .uint8, 0x09: .int8, 0x0B: .int16, 0x0C: .int32, 0x0D: .float32, 0x0E: .float64,
  ]

  /// The array in an IDX file, gzip or plain.
  /// - Throws: `FileError` for another format, an unknown element type or values cut short.
  static func array(in file: SourceFile) throws(FileError) -> NumericArray {
    let head = try file.bytes(min(20, file.size), at: 0)
    guard head.count >= 4, head[0] == 0, head[1] == 0, (1...4).contains(head[3]) else {
      throw FileError(
        what: "not an IDX file", path: file.path, expected: "bytes 0, 0, a type and 1 to 4 dimensions at its start",
        action: "check that it is the right file")
    }
    guard let element = types[head[2]] else {
      throw FileError(
        what: "elements of IDX type \(head[2])", path: file.path, expected: "type 8, 9, 11, 12, 13 or 14",
        action: "convert the values to bytes")
    }
    let start = 4 + 4 * Int(head[3])
    guard head.count >= start else {
      throw FileError(
        what: "ends within its header", path: file.path, expected: "\(start) bytes", action: "fetch the file again")
    }
    let shape = stride(from: 4, to: start, by: 4).map { at in head[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
    return try NumericArray(
      shape: shape, element: element, isBigEndian: true, file: file, start: start, end: file.size)
  }
}
