internal import Foundation
internal import Glibc

/// Changes to directories that last through a power loss.
package enum FileSystem {
  /// Puts a file in the place of another in its directory, and the change on the disk.
  ///
  /// - Throws: `FileError` where the system does not; which of the files then has the name is as before.
  package static func move(_ path: String, to target: String) throws(FileError) {
    guard unsafe rename(path, target) == 0 else { throw FileError.system("write it", target) }
    crashPoint("file.renamed")
    try synchronizeDirectory(of: target)
  }

  /// Puts what was made, renamed and removed in the directory of a path on the disk.
  ///
  /// - Throws: `FileError` where the system does not.
  package static func synchronizeDirectory(of path: String) throws(FileError) {
    let descriptor = unsafe open(directory(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError.system("write it", path) }
    defer { close(descriptor) }
    // Some file systems do not flush directories and say EINVAL.
    if fsync(descriptor) != 0 && errno != EINVAL { throw FileError.system("write it", path) }
  }

  /// Makes a directory with those above it, unless it is there.
  ///
  /// - Throws: `FileError` where it cannot be made.
  package static func createDirectory(_ path: String) throws(FileError) {
    var missing: [String] = []
    var place = URL(fileURLWithPath: path)
    while !exists(place.path), place.path != "/" {
      missing.append(place.path)
      place.deleteLastPathComponent()
    }
    try attempt("make the directory", path) {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }
    for made in missing { try synchronizeDirectory(of: made) }
  }

  /// Copies a file over another, which is replaced whole or not at all.
  ///
  /// - Throws: `FileError` where one cannot be read or the other written.
  package static func copy(_ path: String, to target: String) throws(FileError) {
    let source = try RawFile(reading: path)
    let copy = try AtomicFile(replacing: target)
    for start in stride(from: 0, to: source.size, by: 1 << 20) {
      let part = try source.read(min(1 << 20, source.size - start), of: UInt8.self, at: start)
      try copy.file.write(part.span, at: start)
    }
    try copy.putInPlace()
  }

  /// Removes a file or directory if it is there.
  ///
  /// - Throws: `FileError` where it cannot be removed.
  package static func remove(_ path: String) throws(FileError) {
    guard exists(path) else { return }
    try attempt("remove", path) { try FileManager.default.removeItem(atPath: path) }
  }

  /// Whether there is a file or directory of that name; links are followed.
  package static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

  /// Throws where the disk of `path` has less free than `size` bytes.
  ///
  /// - Throws: `FileError` that says both numbers.
  package static func requireSpace(_ size: Int, beside path: String) throws(FileError) {
    var status = statvfs()
    guard unsafe statvfs(directory(of: path), &status) == 0 else { throw FileError.system("write it", path) }
    let free = Int(
      clamping: UInt64(status.f_bavail).multipliedReportingOverflow(by: UInt64(status.f_frsize)).partialValue)
    guard size <= free else {
      throw FileError(
        message: "\(path): cannot write it: it needs \(size) bytes and the disk has \(free) free; make room or write "
          + "elsewhere", kind: .system)
    }
  }

  /// What a call of Foundation gives, its error turned into one that names the file.
  ///
  /// - Throws: `FileError`: `path: cannot action: reason`.
  package static func attempt<Result>(
    _ action: String, _ path: String, _ body: () throws -> Result
  ) throws(FileError) -> Result {
    do { return try body() } catch let error as FileError { throw error } catch {
      throw FileError(message: "\(path): cannot \(action): \((error as NSError).localizedDescription)", kind: .system)
    }
  }

  private static func directory(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
