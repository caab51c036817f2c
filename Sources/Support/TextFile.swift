internal import Foundation
internal import Glibc

/// Reads and writes small text files.
package enum TextFile {
  /// Reads a regular file of at most 1 GiB.
  ///
  /// - Throws: `FileError` if it is missing, larger, not a regular file, not UTF-8, or a Git LFS pointer.
  package static func read(_ path: String) throws(FileError) -> String {
    var status = stat()
    guard unsafe stat(path, &status) == 0 else { throw FileError.missing(path) }
    // A pipe or a device may never end.
    guard status.st_mode & S_IFMT == S_IFREG, status.st_size <= 1 << 30 else {
      throw FileError(what: "it is not a regular file of at most 1 GiB", path: path)
    }
    let data = try FileSystem.attempt("read", path) { try Data(contentsOf: URL(fileURLWithPath: path)) }
    guard let text = String(data: data, encoding: .utf8) else {
      throw FileError(what: "it is not UTF-8 text", path: path)
    }
    let nature = FileNature(head: Array(text.utf8.prefix(FileNature.headLength)), size: text.utf8.count, name: path)
    if case .lfsPointer = nature { throw nature.refusal(path, expected: "the file itself") }
    return text
  }

  /// Writes a text atomically.
  ///
  /// - Throws: `FileError` if it cannot be written; an existing file is then unchanged.
  package static func write(_ text: String, to path: String) throws(FileError) { try write(Array(text.utf8), to: path) }

  /// Writes bytes atomically.
  ///
  /// - Throws: `FileError` if they cannot be written; an existing file is then unchanged.
  package static func write(_ bytes: [UInt8], to path: String) throws(FileError) {
    let file = try AtomicFile(replacing: path)
    try file.file.write(bytes.span, at: 0)
    try file.putInPlace()
  }
}
