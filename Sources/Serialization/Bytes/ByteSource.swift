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
  /// What to call it in errors.
  package let path: String
  /// The size of the file.
  package var size: Int { file.size }

  /// Opens a file.
  ///
  /// - Parameter name: what to call it in errors; default: its path.
  /// - Throws: `FileError` where it is missing or not readable.
  package init(opening path: String, named name: String? = nil) throws(FileError) {
    file = try RawFile(reading: path)
    self.path = name ?? path
  }

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
