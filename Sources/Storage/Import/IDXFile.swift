/// The IDX format of MNIST: two zero bytes, a type, the number of dimensions, their extents, values (big-endian).
enum IDXFile {
  /// The array in an IDX file of unsigned bytes, gzip or plain.
  /// - Throws: `StorageError` for another format, another element type or values cut short.
  static func read(_ path: String) throws(StorageError) -> NumericArray {
    let bytes = try FileBytes.readInflated(path)
    guard bytes.count >= 4, bytes[0] == 0, bytes[1] == 0, (1...4).contains(bytes[3]) else {
      throw StorageError(
        what: "not an IDX file", path: path, expected: "bytes 0, 0, a type and 1 to 4 dimensions at its start",
        action: "check that it is the right file")
    }
    guard bytes[2] == 0x08 else {
      throw StorageError(
        what: "elements of IDX type \(bytes[2])", path: path, expected: "unsigned bytes, type 8",
        action: "convert the values to bytes")
    }
    let start = 4 + 4 * Int(bytes[3])
    guard bytes.count >= start else {
      throw StorageError(
        what: "ends within its header", path: path, expected: "\(start) bytes", action: "fetch the file again")
    }
    let shape = stride(from: 4, to: start, by: 4).map { at in bytes[at..<at + 4].reduce(0) { $0 << 8 | Int($1) } }
    return try NumericArray(shape: shape, element: .uint8, bytes: bytes[start...], path: path)
  }
}
