package import Support
internal import Synchronization

/// Bytes that are read here and there: those of a file, of a part of one, or of memory.
package protocol ByteSource: Sendable {
  /// What to call it in errors.
  var path: String { get }
  /// The number of bytes.
  var size: Int { get }
  /// Bytes from an offset on.
  ///
  /// - Throws: `FileError` where they cannot be read.
  func bytes(_ count: Int, at offset: Int) throws(FileError) -> [UInt8]
}

/// An open file as a source.
package final class FileSource: ByteSource {
  /// The file.
  package let file: RawFile
  /// The path of the file.
  package var path: String { file.path }
  /// The size of the file.
  package var size: Int { file.size }

  /// Opens a file.
  ///
  /// - Throws: `FileError` where it is missing or not readable.
  package init(opening path: String) throws(FileError) { file = try RawFile(reading: path) }

  /// Bytes from an offset on.
  ///
  /// - Throws: `FileError` where the file ends before them.
  package func bytes(_ count: Int, at offset: Int) throws(FileError) -> [UInt8] {
    try file.read(count, of: UInt8.self, at: offset)
  }
}

/// Bytes in memory as a source.
package struct MemorySource: ByteSource {
  /// What to call them in errors.
  package let path: String
  private let values: [UInt8]

  /// A source of bytes.
  package init(_ bytes: [UInt8], path: String) { (values, self.path) = (bytes, path) }

  /// The number of bytes.
  package var size: Int { values.count }

  /// Bytes from an offset on.
  ///
  /// - Throws: `FileError` where it ends before them.
  package func bytes(_ count: Int, at offset: Int) throws(FileError) -> [UInt8] {
    guard count >= 0, offset >= 0, offset <= values.count, count <= values.count - offset else {
      throw FileError(
        what: "it ends before byte \(offset)+\(count): it is truncated or damaged", path: path,
        action: "download or create it again")
    }
    return Array(values[offset..<offset + count])
  }
}

/// An entry of a ZIP archive as a source: a stored one is read in place, its checksum compared before the first byte is
/// handed on; a deflated one is unpacked into memory when it is first read.
package final class ZipEntrySource: ByteSource {
  /// The archive.
  package let archive: ZipArchive
  /// The entry.
  package let entry: ZipArchive.Entry
  private let limit: Int
  private let state = Mutex((isIntact: false, unpacked: [UInt8]?.none))

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
    if !state.withLock({ $0.isIntact }) {
      try archive.requireIntact(entry)
      state.withLock { $0.isIntact = true }
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
    if let unpacked = state.withLock({ $0.unpacked }) { return Array(unpacked[offset..<offset + count]) }
    let unpacked = try archive.read(entry, limit: limit)
    state.withLock { $0.unpacked = unpacked }
    return Array(unpacked[offset..<offset + count])
  }
}
