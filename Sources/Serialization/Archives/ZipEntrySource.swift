package import Support

/// An entry of a ZIP archive as a source.
///
/// A stored entry is read in place, after its checksum was compared. A packed one is unpacked into memory when more than its
/// beginning is read; an archive holds one such entry at a time.
package final class ZipEntrySource: ByteSource {
  /// The bytes at the beginning that are read without unpacking the whole.
  private static let headLength = 1 << 17

  /// The archive.
  package let archive: ZipArchive
  /// The entry.
  package let entry: ZipArchive.Entry
  private let limit: Int
  private let isIntact = Locked(false)

  /// An entry that may have at most `limit` bytes where it must be unpacked.
  package init(_ entry: ZipArchive.Entry, of archive: ZipArchive, limit: Int) {
    (self.entry, self.archive, self.limit) = (entry, archive, limit)
  }

  /// Archive and entry, `archive.zip:name`.
  package var path: String { archive.path(of: entry) }
  /// The unpacked size.
  package var size: Int { entry.size }

  /// Where its bytes lie in the archive's file, checked; `nil` for a packed one.
  ///
  /// - Throws: `FileError` where it is damaged.
  package func place() throws(FileError) -> Int? {
    guard let range = try archive.place(of: entry) else { return nil }
    if !isIntact.withLock({ $0 }) {
      try archive.requireIntact(entry)
      isIntact.withLock { $0 = true }
    }
    return range.lowerBound
  }

  /// Bytes from an offset on.
  ///
  /// - Throws: `FileError` where it is damaged or ends before them.
  package func bytes(_ count: Int, at offset: Int) throws(FileError) -> [UInt8] {
    guard count >= 0, offset >= 0, offset <= size, count <= size - offset else {
      throw FileError(
        what: "it has \(size) bytes and is read up to byte \(offset)+\(count)", path: path,
        action: "it is truncated or damaged; download or create it again")
    }
    if let start = try place() { return try archive.file.read(count, of: UInt8.self, at: start + offset) }
    let end = offset + count
    let bytes =
      end <= Self.headLength && size > Self.headLength
      ? try archive.beginning(of: entry, count: end) : try archive.unpacked(entry, limit: limit)
    return Array(bytes[offset..<end])
  }
}
