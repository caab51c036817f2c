internal import Support

/// The directory at the end of a ZIP archive, checked as a whole.
struct ZipDirectory {
  /// The most entries that are read.
  private static let entryLimit = 1 << 17
  /// The most bytes that a directory may have.
  private static let sizeLimit = 64 << 20
  /// Deflate's greatest ratio is 1032 : 1 (zlib's documentation).
  private static let greatestRatio = 1032

  let entries: [ZipArchive.Entry]
  /// Where it begins in the file, in bytes.
  let offset: Int

  init(of file: borrowing RawFile) throws(FileError) {
    let path = file.path
    let end = try ZipEnd(of: file)
    guard end.count <= Self.entryLimit, end.size <= Self.sizeLimit else {
      throw FileError(
        what: "a ZIP archive of \(end.count) entries", path: path, expected: "at most \(Self.entryLimit)",
        action: "unpack it and give the file that is meant")
    }
    let fields = ZipFields(try file.read(end.size, of: UInt8.self, at: end.offset))
    var entries: [ZipArchive.Entry] = []
    var names: Set<String> = []
    var spans: [(start: Int, end: Int, name: String)] = []
    var place = 0
    for _ in 0..<end.count {
      let (entry, length) = try Self.entry(in: fields, at: place, path: path)
      place += length
      guard names.insert(entry.name).inserted else {
        throw Self.malicious("two entries have the name \(entry.name)", path)
      }
      let start = entry.headerOffset
      let headerLength = 30 + entry.name.utf8.count
      guard start <= end.offset, headerLength <= end.offset - start,
        entry.packedSize <= end.offset - start - headerLength
      else {
        throw FileError(
          what: "the entry \(entry.name) exceeds the ZIP archive: it is truncated or damaged", path: path,
          action: "download or create it again")
      }
      spans.append((start, start + headerLength + entry.packedSize, entry.name))
      if !entry.name.hasSuffix("/") { entries.append(entry) }
    }
    guard place == end.size else { throw Self.malicious("its directory has \(end.size) bytes for \(place)", path) }
    spans.sort { ($0.start, $0.end) < ($1.start, $1.end) }
    for (previous, next) in zip(spans, spans.dropFirst()) where next.start < previous.end {
      throw Self.malicious("the entries \(previous.name) and \(next.name) overlap", path)
    }
    self.entries = entries
    offset = end.offset
  }

  /// The entry at a place of the directory, and the length of its record.
  private static func entry(
    in fields: ZipFields, at place: Int, path: String
  ) throws(FileError) -> (ZipArchive.Entry, Int) {
    guard place <= fields.count - 46, fields.number(at: place, bytes: 4) == 0x0201_4B50 else {
      throw malicious("its directory ends before its last entry", path)
    }
    let flags = fields.number(at: place + 8, bytes: 2)
    let lengths = [28, 30, 32].map { fields.number(at: place + $0, bytes: 2) }
    let length = 46 + lengths.reduce(0, +)
    guard length <= fields.count - place else { throw malicious("its directory ends before its last entry", path) }
    guard let name = String(validating: fields.bytes[place + 46..<place + 46 + lengths[0]], as: UTF8.self) else {
      throw FileError(
        what: "a ZIP archive with names that are not UTF-8", path: path, action: "unpack it, or pack it again")
    }
    try requireInside(name, path)
    guard flags & 0x2041 == 0 else {
      throw FileError(
        what: "the entry \(name) of the ZIP archive is encrypted", path: path, action: "unpack it with its password")
    }
    guard [0, 0xFFFF].contains(fields.number(at: place + 34, bytes: 2)) else { throw ZipEnd.isSplit(path) }
    var numbers = [24, 20, 42].map { fields.number(at: place + $0, bytes: 4) }
    if numbers.contains(0xFFFF_FFFF) {
      numbers = try wide(
        numbers, in: fields, at: place + 46 + lengths[0], end: place + 46 + lengths[0] + lengths[1], path: path)
    }
    let method = fields.number(at: place + 10, bytes: 2)
    let isPossible =
      switch method {
      case 0: numbers[0] == numbers[1]
      case 8: numbers[0] / greatestRatio <= numbers[1]
      default: true
      }
    guard isPossible else {
      throw malicious("the entry \(name) has \(numbers[1]) bytes and declares \(numbers[0]) unpacked", path)
    }
    let entry = ZipArchive.Entry(
      name: name, size: numbers[0], packedSize: numbers[1], method: method,
      checksum: UInt32(fields.number(at: place + 16, bytes: 4)), headerOffset: numbers[2])
    return (entry, length)
  }

  /// Sizes and offset of an entry of the zip64 kind, from its extra field.
  private static func wide(
    _ numbers: [Int], in fields: ZipFields, at start: Int, end: Int, path: String
  ) throws(FileError) -> [Int] {
    var place = start
    while place <= end - 4 {
      let (kind, length) = (fields.number(at: place, bytes: 2), fields.number(at: place + 2, bytes: 2))
      place += 4
      guard length <= end - place else { break }
      if kind == 1 {
        var numbers = numbers
        var rest = place
        for index in numbers.indices where numbers[index] == 0xFFFF_FFFF {
          guard rest <= place + length - 8, let number = fields.wideNumber(at: rest) else {
            throw malicious("an entry of the ZIP archive has no zip64 size", path)
          }
          numbers[index] = number
          rest += 8
        }
        return numbers
      }
      place += length
    }
    throw malicious("an entry of the ZIP archive has no zip64 size", path)
  }

  /// Throws for a name that would lead out of a folder that the archive is unpacked into.
  private static func requireInside(_ name: String, _ path: String) throws(FileError) {
    let isInside =
      !name.isEmpty && !name.hasPrefix("/") && !name.contains("\\") && !name.unicodeScalars.contains { $0.value < 32 }
      && !name.split(separator: "/", omittingEmptySubsequences: false).contains("..")
    guard isInside else {
      throw malicious("the entry \(String(reflecting: String(name.prefix(200)))) leads out of the archive", path)
    }
  }

  static func malicious(_ what: String, _ path: String) -> FileError {
    FileError(
      what: "damaged ZIP archive: \(what)", path: path,
      action: "it is damaged or malicious; download or create it again")
  }
}
