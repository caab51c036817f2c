package import Support

/// A checksum over a whole file, at its very end: `BULKSEAL`, the number of bytes before it, and their CRC-32.
///
/// The numbers are little-endian, of 8 and 4 bytes. HDF5 does not look beyond the end that it knows, so a sealed file is
/// an HDF5 file like any other.
package enum Seal: Sendable, Equatable {
  /// Every byte is as it was written.
  case intact
  /// There is none: the file was cut off, changed by another program, or never had one.
  case missing
  /// The file's bytes are not those that were sealed.
  case broken(expected: UInt32, found: UInt32)

  private static let mark = Array("BULKSEAL".utf8)
  private static let size = 20

  /// Reads a whole file and compares.
  ///
  /// - Throws: `FileError` where it is missing or cannot be read.
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

  /// Bytes of a file that must have a checksum.
  struct Part {
    let offset: Int
    let count: Int
    let checksum: UInt32
  }

  /// Reads a file back from the disk, compares the parts with what was meant to be written, and adds the seal.
  ///
  /// - Parameter parts: in the order of their offsets.
  /// - Throws: `FileError` where the disk does not give back what it was given.
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
          what: "the disk gave back other values than were written at byte \(part.offset)", path: file.path,
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
