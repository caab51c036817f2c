import Foundation
package import Support

/// Downloads a file by curl, verified by its MD5, resuming an earlier attempt.
///
/// Bytes gather beside the target, in a file whose name ends in `.part`; the target appears whole and right or not at all.
package struct Download: Sendable {
  /// `https:`, `http:` or `file:`.
  package let url: String
  /// 32 hexadecimal digits.
  package let md5: String
  /// The path of the file to write.
  package let target: String

  /// A download of an address to a path, verified by its MD5.
  package init(url: String, md5: String, target: String) { (self.url, self.md5, self.target) = (url, md5, target) }

  private var part: String { target + ".part" }

  /// Bytes that earlier attempts brought.
  package var bytesThere: Int { Self.size(of: part) }

  /// Whether the target exists already.
  /// - Throws: `FileError` if there is another file in its place.
  package func isDone() throws(FileError) -> Bool {
    guard FileManager.default.fileExists(atPath: target) else { return false }
    let found = try Self.md5(of: target)
    guard found == md5 else {
      throw FileError(
        what: "another file exists (MD5 \(found))", path: target, expected: "MD5 \(md5)",
        action: "move it away or choose another place")
    }
    return true
  }

  /// Brings what is missing.
  /// - Parameter progress: called some times a second with the bytes there; what it throws ends the download, which a later
  ///   call resumes.
  /// - Throws: `FileError` without a network, for an address that has no such file, and for a wrong checksum.
  package func run(progress: (_ bytes: Int) throws -> Void) throws {
    let isThere = try bytesThere > 0 && Self.md5(of: part) == md5
    if !isThere {
      var end = try transfer(progress)
      // The server cannot send the rest of a file, or the part is longer than the file: start over.
      if [22, 33, 36].contains(end.status), bytesThere > 0 {
        try? FileManager.default.removeItem(atPath: part)
        end = try transfer(progress)
      }
      guard end.status == 0 else { throw failure(end.status, end.message) }
      let found = try Self.md5(of: part)
      guard found == md5 else {
        try? FileManager.default.removeItem(atPath: part)
        throw FileError(
          what: "what came from \(url) has MD5 \(found) and was thrown away", path: target, expected: "MD5 \(md5)",
          action: "try again; if it stays so, the address has another file")
      }
    }
    try FileSystem.move(part, to: target)
  }

  /// One run of curl, from where the part ends.
  private func transfer(_ progress: (_ bytes: Int) throws -> Void) throws -> (status: Int32, message: String) {
    let process = try Self.process(
      "curl",
      [
        "--fail", "--location", "--silent", "--show-error", "--proto", "=https,http,file", "--connect-timeout", "20",
        "--speed-limit", "1", "--speed-time", "60", "--continue-at", "-", "--output", part, "--", url,
      ])
    let errors = Pipe()
    process.standardError = errors
    process.standardOutput = FileHandle.nullDevice
    try Self.start(process)
    do {
      while process.isRunning {
        try progress(bytesThere)
        Thread.sleep(forTimeInterval: 0.1)
      }
    } catch {
      process.terminate()
      process.waitUntilExit()
      throw error
    }
    let message = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    try progress(bytesThere)
    return (process.terminationStatus, message.trimmingCharacters(in: .whitespacesAndNewlines))
  }

  /// What an exit code of curl means to the user (curl(1), "Exit codes").
  private func failure(_ status: Int32, _ message: String) -> FileError {
    let here = bytesThere
    switch status {
    case 5, 6, 7,
      28 where here == 0:
      return FileError(
        what: "no network, or the host cannot be reached (\(message))", path: url,
        action: "fetch it on another machine, put it at \(target) and run the same command to check it", kind: .system)
    case 22, 37:
      return FileError(
        what: "the address has no such file (\(message))", path: url, action: "give another address with --from")
    case 1, 3:
      return FileError(
        what: "no address to fetch from (\(message))", path: url, expected: "https://, http:// or file://")
    case 23:
      return FileError(
        what: "cannot be written (\(message))", path: part, action: "check the folder and the free disk space",
        kind: .system)
    default:
      return FileError(
        what: "the transfer stopped after \(here) bytes (\(message))", path: url,
        action: "repeat the command to resume", kind: .system)
    }
  }

  private static func size(of path: String) -> Int {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return (attributes?[.size] as? NSNumber)?.intValue ?? 0
  }

  /// The MD5 of a file, as md5sum of the GNU core utilities computes it.
  private static func md5(of path: String) throws(FileError) -> String {
    let process = try process("md5sum", ["--", path])
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try start(process)
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw FileError(what: "cannot be read", path: path, action: "check its permissions", kind: .system)
    }
    // A name with unusual characters makes md5sum put a backslash before the digits.
    return String(text.drop { $0 == "\\" }.prefix(32))
  }

  private static func process(_ program: String, _ arguments: [String]) throws(FileError) -> Process {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":")
    guard let path = folders.map({ "\($0)/\(program)" }).first(where: FileManager.default.isExecutableFile) else {
      throw FileError(what: "the program is not installed", path: program, action: "install it", kind: .system)
    }
    let process = Process()
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    return process
  }

  private static func start(_ process: Process) throws(FileError) {
    do { try process.run() } catch {
      throw FileError(
        what: "cannot be started (\(error.localizedDescription))", path: process.executableURL?.path ?? "",
        action: "free some memory and try again", kind: .system)
    }
  }
}
