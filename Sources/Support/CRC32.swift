internal import CDeflate
internal import CZlib

/// zlib's CRC-32 over bytes as they come.
package struct CRC32: Sendable, Equatable {
  /// The checksum of all that was added.
  package private(set) var value: UInt32

  /// Goes on from the checksum of an earlier part, if given.
  package init(from earlier: UInt32 = 0) { value = earlier }

  /// The checksum of values as they lie in memory, going on from an earlier part if given.
  package init(of values: [some BitwiseCopyable], from earlier: UInt32 = 0) {
    self.init(from: earlier)
    add(values.span)
  }

  /// The checksum of a file's bytes.
  ///
  /// - Throws: `FileError` where it is missing, not a regular file or unreadable.
  package init(ofFile path: String) throws(FileError) {
    let file = try RawFile(reading: path)
    self = try file.checksum(of: 0..<file.size)
  }

  /// Adds values as they lie in memory.
  package mutating func add<Value: BitwiseCopyable>(_ values: Span<Value>) {
    // zlib's own is many times slower.
    value = unsafe values.withUnsafeBytes {
      unsafe $0.isEmpty ? value : libdeflate_crc32(value, $0.baseAddress, $0.count)
    }
  }

  /// Adds the bytes of a text in UTF-8.
  package mutating func add(_ text: String) { add(Array(text.utf8).span) }

  /// Goes on with so many bytes of which the checksum alone is known.
  package mutating func add(_ other: CRC32, of count: Int) {
    value = UInt32(truncatingIfNeeded: crc32_combine(UInt(value), UInt(other.value), count))
  }
}
