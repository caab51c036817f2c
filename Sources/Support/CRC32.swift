internal import CDeflate
internal import CZlib

/// zlib's CRC-32, updated incrementally.
package struct CRC32: Sendable, Equatable {
  /// The checksum of all bytes added.
  package private(set) var value: UInt32

  /// Continues from the checksum of an earlier part; default: no bytes yet.
  package init(from earlier: UInt32 = 0) { value = earlier }

  /// The checksum of values as they are in memory, continued from an earlier part.
  package init(of values: [some BitwiseCopyable], from earlier: UInt32 = 0) {
    self.init(from: earlier)
    add(values.span)
  }

  /// The checksum of a file's bytes.
  ///
  /// - Throws: `FileError` if it is missing, not a regular file or unreadable.
  package init(ofFile path: String) throws(FileError) {
    let file = try RawFile(reading: path)
    self = try file.checksum(of: 0..<file.size)
  }

  /// Adds values as they are in memory.
  package mutating func add<Value: BitwiseCopyable>(_ values: Span<Value>) {
    // libdeflate's is many times faster than zlib's.
    value = unsafe values.withUnsafeBytes {
      unsafe $0.isEmpty ? value : libdeflate_crc32(value, $0.baseAddress, $0.count)
    }
  }

  /// Adds the UTF-8 bytes of a text.
  package mutating func add(_ text: String) { add(Array(text.utf8).span) }

  /// Adds `count` bytes of which only the checksum is known.
  package mutating func add(_ other: CRC32, of count: Int) {
    value = UInt32(truncatingIfNeeded: crc32_combine(UInt(value), UInt(other.value), count))
  }
}
