internal import Foundation
internal import Support

/// A file that is written at its end; what a full disk does not take is kept for another time.
final class GrowingFile {
  /// The file's length with what is not written yet, in bytes.
  private(set) var count: Int
  private var unwritten: [UInt8] = []
  private let handle: FileHandle
  private let path: String

  /// Opens an existing file and cuts it to a length.
  ///
  /// - Throws: `FileError` if it is missing or cannot be written.
  init(_ path: String, keeping count: Int) throws(FileError) {
    (self.path, self.count) = (path, count)
    handle = try FileSystem.attempt("open", path) {
      let handle = try FileHandle(forUpdating: URL(fileURLWithPath: path))
      try handle.truncate(atOffset: UInt64(count))
      return handle
    }
  }

  /// A file of these bytes; one that begins with them is cut to them, so that whoever reads it along notices nothing.
  ///
  /// - Throws: `FileError` if it cannot be written.
  convenience init(_ path: String, holding bytes: [UInt8]) throws(FileError) {
    let isThere = FileSystem.exists(path)
    let before =
      try isThere
      ? FileSystem.attempt("read", path) { () throws -> Data in
        let handle = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
        defer { try? handle.close() }
        return try handle.read(upToCount: bytes.count) ?? Data()
      } : Data()
    if !isThere { try TextFile.write("", to: path) }
    let isKept = before.elementsEqual(bytes)
    try self.init(path, keeping: isKept ? bytes.count : 0)
    if !isKept {
      append(bytes)
      try write()
    }
  }

  deinit { try? handle.close() }

  /// Adds bytes; they are kept where the disk does not take them.
  func append(_ bytes: [UInt8]) {
    count += bytes.count
    unwritten += bytes
    try? write()
  }

  /// Writes what is not written yet.
  ///
  /// - Throws: `FileError` if the disk does not take it; it is kept for another time.
  func write() throws(FileError) {
    guard !unwritten.isEmpty else { return }
    try FileSystem.attempt("write", path) {
      // A part of it may be there from an earlier time.
      try handle.seek(toOffset: UInt64(count - unwritten.count))
      try handle.write(contentsOf: unwritten)
    }
    unwritten = []
  }
}
