package import Support

/// A ZIP archive (PKWARE's APPNOTE 6.3): its directory is read and checked at once, entries are read one by one.
///
/// Stored and deflated entries are read, of any size (zip64). Nothing is ever unpacked under an entry's name.
package final class ZipArchive: Sendable {
  /// A file in the archive.
  package struct Entry: Sendable, Equatable {
    /// Its name, with `/` between folders.
    package let name: String
    /// Its size in bytes, unpacked.
    package let size: Int
    /// Its size in bytes in the archive.
    package let packedSize: Int
    /// Whether its bytes lie in the archive as they are.
    package var isStored: Bool { method == 0 }
    let method: Int
    let checksum: UInt32
    let headerOffset: Int
  }

  /// Path of the archive.
  package let path: String
  /// The files in it in the order of the directory, without folders.
  package let entries: [Entry]
  /// The archive's file; see ``place(of:)``.
  package let file: RawFile
  /// Whether checksums were recorded: torch can leave all of them 0.
  package let hasChecksums: Bool
  private let places: [String: Int]
  /// The packed entry that was read last.
  private let held = Locked<(name: String, bytes: [UInt8])?>(nil)
  /// Where the directory begins, in bytes.
  private let directoryOffset: Int

  /// Opens an archive and checks its directory.
  ///
  /// - Throws: `FileError` where the file is missing, truncated, encrypted or split, or declares what cannot be: entries
  ///   of one name, entries that overlap or leave the file, names that lead out of the archive, sizes that deflate cannot
  ///   reach.
  package init(opening path: String) throws(FileError) {
    let file = try RawFile(reading: path)
    let directory = try ZipDirectory(of: file)
    self.path = path
    self.file = file
    (entries, directoryOffset) = (directory.entries, directory.offset)
    hasChecksums = entries.contains { $0.checksum != 0 }
    places = Dictionary(entries.enumerated().map { ($0.element.name, $0.offset) }) { first, _ in first }
  }

  /// Whether a file that begins so may be an archive.
  package static func isLikely(_ head: some Sequence<UInt8>) -> Bool { head.starts(with: [0x50, 0x4B, 3, 4]) }

  /// The entry of a name; `nil` where there is none.
  package subscript(name: String) -> Entry? { places[name].map { entries[$0] } }

  /// What to call an entry in errors: `archive.zip:name`.
  package func path(of entry: Entry) -> String { "\(path):\(entry.name)" }

  /// The bytes of an entry, checked against its checksum.
  ///
  /// - Parameter limit: the most bytes that it may have.
  /// - Throws: `FileError` where it has more, is damaged, or is packed by another method than deflate.
  package func read(_ entry: Entry, limit: Int) throws(FileError) -> [UInt8] {
    guard entry.size <= limit else {
      throw FileError(
        what: "\(entry.size) bytes unpacked", path: path(of: entry), expected: "at most \(limit)",
        action: "check that it is the right file")
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(entry.size)
    try unpack(entry) { bytes += $0 }
    return bytes
  }

  /// Hands the bytes of an entry to `body` in pieces of at most 256 KiB; the last ones are handed on before the checksum
  /// is compared.
  ///
  /// - Throws: `FileError` as `read` does, and what `body` throws.
  package func unpack(_ entry: Entry, _ body: (ArraySlice<UInt8>) throws(FileError) -> Void) throws(FileError) {
    let range = try range(of: entry)
    var checksum = CRC32()
    switch entry.method {
    case 0:
      for start in stride(from: range.lowerBound, to: range.upperBound, by: 1 << 18) {
        let piece = try file.read(min(1 << 18, range.upperBound - start), of: UInt8.self, at: start)
        checksum.add(piece.span)
        try body(piece[...])
      }
    case 8:
      try FileBytes.inflate(range, of: file, named: path(of: entry), size: entry.size) { piece throws(FileError) in
        checksum.add(piece.span)
        try body(piece)
        return true
      }
    default: throw unknownMethod(of: entry)
    }
    guard checksum.value == entry.checksum || !hasChecksums else { throw damaged(entry) }
  }

  /// The first bytes of a packed entry, at most `count`; the checksum is not compared.
  ///
  /// - Throws: `FileError` where they are damaged, or packed by another method than deflate.
  func beginning(of entry: Entry, count: Int) throws(FileError) -> [UInt8] {
    guard entry.method == 8 else { throw unknownMethod(of: entry) }
    var bytes: [UInt8] = []
    try FileBytes.inflate(range(of: entry), of: file, named: path(of: entry), size: entry.size) { piece in
      bytes += piece.prefix(count - bytes.count)
      return bytes.count < count
    }
    return bytes
  }

  /// The bytes of a packed entry, which stay in memory until another one is asked for.
  ///
  /// - Throws: `FileError` as `read` does.
  func unpacked(_ entry: Entry, limit: Int) throws(FileError) -> [UInt8] {
    if let (name, bytes) = held.withLock({ $0 }), name == entry.name { return bytes }
    held.withLock { $0 = nil }
    let bytes = try read(entry, limit: limit)
    held.withLock { $0 = (entry.name, bytes) }
    return bytes
  }

  /// Where the bytes of a stored entry lie in the file, to be read in place; `nil` for a packed one.
  ///
  /// The checksum is not compared: see ``requireIntact(_:)``.
  ///
  /// - Throws: `FileError` where its own header differs from the directory.
  package func place(of entry: Entry) throws(FileError) -> Range<Int>? {
    entry.isStored ? try range(of: entry) : nil
  }

  /// Compares a stored entry's bytes with its checksum; they are read once, on several threads.
  ///
  /// - Throws: `FileError` where they differ.
  package func requireIntact(_ entry: Entry) throws(FileError) {
    guard entry.isStored else { throw unknownMethod(of: entry) }
    guard hasChecksums else { return }
    guard try file.checksum(of: range(of: entry)).value == entry.checksum else { throw damaged(entry) }
  }

  /// Where an entry's bytes lie, packed as they are.
  private func range(of entry: Entry) throws(FileError) -> Range<Int> {
    let header = try ZipFields(file.read(30, of: UInt8.self, at: entry.headerOffset))
    let start = entry.headerOffset + 30 + header.number(at: 26, bytes: 2) + header.number(at: 28, bytes: 2)
    guard header.number(at: 0, bytes: 4) == 0x0403_4B50, header.number(at: 8, bytes: 2) == entry.method,
      start <= directoryOffset, entry.packedSize <= directoryOffset - start,
      try file.read(header.number(at: 26, bytes: 2), of: UInt8.self, at: entry.headerOffset + 30)
        == Array(entry.name.utf8)
    else {
      throw FileError(
        what: "its header differs from the archive's directory", path: path(of: entry),
        action: "the archive is damaged or malicious; download or create it again")
    }
    return start..<start + entry.packedSize
  }

  private func damaged(_ entry: Entry) -> FileError {
    FileError(
      what: "its bytes do not have the checksum that the archive recorded: it is damaged", path: path(of: entry),
      action: "download or create the file again")
  }

  private func unknownMethod(of entry: Entry) -> FileError {
    FileError(
      what: "packed by ZIP's method \(entry.method)", path: path(of: entry), expected: "stored or deflated entries",
      action: "pack it again without it, or unpack it")
  }
}
