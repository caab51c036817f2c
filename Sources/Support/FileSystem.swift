internal import Foundation
internal import Glibc

/// Changes of directories that survive a power loss, and queries of the file system.
package enum FileSystem {
  /// Renames a file over another in the same directory, and flushes the directory to the disk.
  ///
  /// - Throws: `FileError` if the system fails; if the rename itself failed, both files are unchanged.
  package static func move(_ path: String, to target: String) throws(FileError) {
    guard unsafe rename(path, target) == 0 else { throw FileError.system("write it", target) }
    crashPoint("file.renamed")
    try synchronizeDirectory(of: target)
  }

  /// Flushes the directory of a path to the disk: entries created, renamed and removed in it.
  ///
  /// - Throws: `FileError` if the system fails.
  package static func synchronizeDirectory(of path: String) throws(FileError) {
    let descriptor = unsafe open(directory(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError.system("write it", path) }
    defer { close(descriptor) }
    // Some file systems cannot flush directories and return EINVAL.
    if fsync(descriptor) != 0 && errno != EINVAL { throw FileError.system("write it", path) }
  }

  /// Creates a directory and its missing parents; does nothing if it exists.
  ///
  /// - Throws: `FileError` if it cannot be created.
  package static func createDirectory(_ path: String) throws(FileError) {
    var missing: [String] = []
    var place = URL(fileURLWithPath: path)
    while !exists(place.path), place.path != "/" {
      missing.append(place.path)
      place.deleteLastPathComponent()
    }
    try attempt("create the directory", path) {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    for made in missing { try synchronizeDirectory(of: made) }
  }

  /// Copies a file over another, atomically.
  ///
  /// - Throws: `FileError` if the file cannot be read or the target written; the target is then unchanged.
  package static func copy(_ path: String, to target: String) throws(FileError) {
    let source = try RawFile(reading: path)
    let copy = try AtomicFile(replacing: target)
    for start in stride(from: 0, to: source.size, by: 1 << 20) {
      let part = try source.read(min(1 << 20, source.size - start), of: UInt8.self, at: start)
      try copy.file.write(part.span, at: start)
    }
    try copy.putInPlace()
  }

  /// Removes a file or directory; does nothing if it does not exist.
  ///
  /// - Throws: `FileError` if it cannot be removed.
  package static func remove(_ path: String) throws(FileError) {
    guard exists(path) else { return }
    try attempt("remove", path) { try FileManager.default.removeItem(atPath: path) }
  }

  /// Whether a file or directory exists; follows symbolic links.
  package static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  /// Whether there is a regular file of that name; links are followed.
  package static func isRegularFile(_ path: String) -> Bool {
    var status = stat()
    return unsafe stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG
  }

  /// The names in a directory; none if it cannot be read.
  package static func names(in directory: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
  }

  /// The names in a directory in order.
  ///
  /// - Throws: `FileError` if it cannot be listed, or for a name that is not UTF-8: no file could be opened by it.
  package static func entries(of directory: String) throws(FileError) -> [String] {
    guard let names = try? FileManager.default.contentsOfDirectory(atPath: directory) else {
      throw FileError(
        what: "no folder that can be listed", path: directory, action: "check the path and its permissions",
        kind: .missing)
    }
    for name in names where name.contains("\u{FFFD}") && !exists(directory + "/" + name) {
      throw FileError(
        what: "the name of a file is not UTF-8, \(name)", path: directory, expected: "names in UTF-8",
        action: "rename it")
    }
    return names.sorted()
  }

  /// Checks that the disk of `path` has `size` bytes free.
  ///
  /// - Throws: `FileError` with both numbers if it has not.
  package static func requireSpace(_ size: Int, beside path: String) throws(FileError) {
    var status = statvfs()
    guard unsafe statvfs(directory(of: path), &status) == 0 else { throw FileError.system("write it", path) }
    let free = Int(
      clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue)
    guard size <= free else {
      throw FileError(
        message: "\(path): cannot write it: it needs \(size) bytes and the disk has \(free) free; free some space or "
          + "write elsewhere", kind: .system)
    }
  }

  /// Runs a call of Foundation and converts its error to one that names the file.
  ///
  /// - Throws: `FileError`: `path: cannot action: reason`.
  package static func attempt<Result>(
    _ action: String, _ path: String, _ body: () throws -> Result
  ) throws(FileError) -> Result {
    do { return try body() } catch let error as FileError { throw error } catch {
      throw FileError(message: "\(path): cannot \(action): \((error as NSError).localizedDescription)", kind: .system)
    }
  }

  static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
