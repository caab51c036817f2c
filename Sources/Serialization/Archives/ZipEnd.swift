internal import Support

/// The record at the very end of a ZIP archive: where its directory lies.
struct ZipEnd {
  /// The number of entries.
  let count: Int
  /// The size of the directory in bytes.
  let size: Int
  /// Where the directory begins, in bytes.
  let offset: Int

  init(of file: borrowing RawFile) throws(FileError) {
    let path = file.path
    let tailSize = min(file.size, 22 + 0xFFFF)
    let tail = ZipFields(try file.read(tailSize, of: UInt8.self, at: file.size - tailSize))
    // The last signature whose comment ends with the file; a comment may hold another one.
    let found =
      tail.count < 22
      ? nil
      : stride(from: tail.count - 22, through: 0, by: -1).first { place in
        tail.number(at: place, bytes: 4) == 0x0605_4B50
          && place + 22 + tail.number(at: place + 20, bytes: 2) == tail.count
      }
    guard let found else {
      throw FileError(
        what: "a ZIP archive without its directory at the end: it is truncated", path: path,
        action: "download or copy it again")
    }
    let place = file.size - tailSize + found
    guard tail.number(at: found + 4, bytes: 2) == tail.number(at: found + 6, bytes: 2),
      [0, 0xFFFF].contains(tail.number(at: found + 4, bytes: 2)),
      tail.number(at: found + 8, bytes: 2) == tail.number(at: found + 10, bytes: 2)
    else { throw Self.isSplit(path) }
    var numbers = (
      count: tail.number(at: found + 10, bytes: 2), size: tail.number(at: found + 12, bytes: 4),
      offset: tail.number(at: found + 16, bytes: 4)
    )
    var end = place
    let hasLocator = try Self.hasLocator(file, before: place)
    if hasLocator || numbers.count == 0xFFFF || numbers.size == 0xFFFF_FFFF || numbers.offset == 0xFFFF_FFFF {
      (numbers, end) = try Self.wide(of: file, before: place)
    }
    guard numbers.offset <= end, numbers.size == end - numbers.offset, numbers.count <= numbers.size / 46 else {
      throw ZipDirectory.malicious(
        "its directory of \(numbers.size) bytes is declared at byte \(numbers.offset), and ends at \(end)", path)
    }
    (count, size, offset) = (numbers.count, numbers.size, numbers.offset)
  }

  private static func hasLocator(_ file: borrowing RawFile, before place: Int) throws(FileError) -> Bool {
    guard place >= 20 else { return false }
    return ZipFields(try file.read(4, of: UInt8.self, at: place - 20)).number(at: 0, bytes: 4) == 0x0706_4B50
  }

  /// The same of a zip64 archive.
  private static func wide(
    of file: borrowing RawFile, before place: Int
  ) throws(FileError) -> ((count: Int, size: Int, offset: Int), end: Int) {
    let path = file.path
    guard try hasLocator(file, before: place) else {
      throw ZipDirectory.malicious("it has no zip64 locator", path)
    }
    let locator = ZipFields(try file.read(20, of: UInt8.self, at: place - 20))
    guard locator.number(at: 4, bytes: 4) == 0, locator.number(at: 16, bytes: 4) <= 1 else { throw isSplit(path) }
    guard let start = locator.wideNumber(at: 8), start <= place - 20 - 56 else {
      throw ZipDirectory.malicious("its zip64 record is missing", path)
    }
    let record = ZipFields(try file.read(56, of: UInt8.self, at: start))
    guard record.number(at: 0, bytes: 4) == 0x0606_4B50, let count = record.wideNumber(at: 32),
      let size = record.wideNumber(at: 40), let offset = record.wideNumber(at: 48)
    else { throw ZipDirectory.malicious("its zip64 record is damaged", path) }
    guard record.number(at: 16, bytes: 4) == 0, record.number(at: 20, bytes: 4) == 0, record.wideNumber(at: 24) == count
    else { throw isSplit(path) }
    return ((count, size, offset), start)
  }

  static func isSplit(_ path: String) -> FileError {
    FileError(what: "a part of a ZIP archive that is split into several files", path: path, action: "join its parts")
  }
}

/// Little-endian numbers in bytes.
struct ZipFields {
  let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  var count: Int { bytes.count }

  /// The number of at most 4 bytes at a place.
  func number(at place: Int, bytes count: Int) -> Int {
    bytes[place..<place + count].reversed().reduce(0) { $0 << 8 | Int($1) }
  }

  /// The number of 8 bytes at a place; `nil` for one of 2^60 or more, which nothing in a file can have.
  func wideNumber(at place: Int) -> Int? {
    let (low, high) = (number(at: place, bytes: 4), number(at: place + 4, bytes: 4))
    return high < 1 << 28 ? high << 32 | low : nil
  }
}
