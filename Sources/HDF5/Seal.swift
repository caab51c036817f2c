package import Support

/// A checksum at the end of a file: `BULKSEAL`, the number of bytes before it (8 bytes) and their CRC-32 (4 bytes).
///
/// The numbers are little-endian. HDF5 ignores bytes after the end that its header declares: a sealed file is a valid HDF5
/// file.
package enum Seal: Sendable, Equatable {
  /// The checksum matches.
  case intact
  /// There is no checksum: the file is truncated, changed by another program, or never had one.
  case missing
  /// The checksum does not match the file's bytes.
  case broken(expected: UInt32, found: UInt32)

  private static let mark = Array("BULKSEAL".utf8)
  private static let size = 20

  /// Reads a whole file and compares its checksum.
  ///
  /// - Throws: `FileError` if it is missing or cannot be read.
  package init(of path: String) throws(FileError) {
    let file = try RawFile(reading: path)
    let count = file.size - Self.size
    guard count >= 0 else {
      self = .missing
      return
    }
    let seal = try file.read(Self.size, of: UInt8.self, at: count)
    guard Array(seal[..<8]) == Self.mark, Self.number(seal[8..<16]) == count else {
      self = .missing
      return
    }
    let expected = UInt32(Self.number(seal[16...]))
    let found = try file.checksum(of: 0..<count)
    self = found.value == expected ? .intact : .broken(expected: expected, found: found.value)
  }

  /// A range of bytes and the checksum that they must have.
  struct Part {
    let offset: Int
    let count: Int
    let checksum: UInt32
  }

  /// Reads a file back from the disk, verifies its parts, and appends the seal.
  ///
  /// - Parameter parts: the expected checksums, in the order of their offsets.
  /// - Throws: `FileError` if the disk returns other bytes than were written.
  static func put(on file: borrowing RawFile, verifying parts: [Part]) throws(FileError) {
    try file.forgetCache()
    let size = try file.currentSize()
    var whole = CRC32()
    var place = 0
    for part in parts + [Part(offset: size, count: 0, checksum: 0)] {
      whole.add(try file.checksum(of: place..<part.offset), of: part.offset - place)
      let own = try file.checksum(of: part.offset..<part.offset + part.count)
      guard own.value == part.checksum else {
        throw FileError(
          what: "the disk returned other values than were written at byte \(part.offset)", path: file.path,
          action: "check the disk", kind: .system)
      }
      whole.add(own, of: part.count)
      place = part.offset + part.count
    }
    let numbers =
      (0..<8).map { UInt8(truncatingIfNeeded: size >> (8 * $0)) }
      + (0..<4).map { UInt8(truncatingIfNeeded: whole.value >> (8 * $0)) }
    let seal = mark + numbers
    try file.write(seal.span, at: size)
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> Int {
    bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
  }
}
