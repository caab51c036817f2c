internal import Foundation
internal import Support

/// A program of the system that is run to its end.
struct ExternalProgram {
  /// What a program wrote, and how it ended.
  struct Answer {
    var status: Int32
    var output: String
    /// Its last message.
    var message: String
  }

  let name: String
  private let path: String

  /// - Parameter advice: what to do where the program is missing.
  /// - Throws: `FileError` of the kind `missing` where no folder of `PATH` has it.
  init(_ name: String, advice: String) throws(FileError) {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    guard let path = folders.map({ "\($0)/\(name)" }).first(where: FileManager.default.isExecutableFile) else {
      throw FileError(what: "there is no such program in PATH", path: name, action: advice, kind: .missing)
    }
    (self.name, self.path) = (name, path)
  }

  /// Runs it without input.
  /// - Throws: `FileError` where it cannot be started.
  func run(_ arguments: [String]) throws(FileError) -> Answer {
    let process = Process()
    let (output, errors) = (Pipe(), Pipe())
    process.executableURL = URL(fileURLWithPath: path)
    process.arguments = arguments
    process.standardInput = FileHandle.nullDevice
    (process.standardOutput, process.standardError) = (output, errors)
    try FileSystem.attempt("start it", path) { try process.run() }
    // Both at once: a program waits where nobody reads what it writes.
    let (message, ended) = (Locked(Data()), DispatchSemaphore(value: 0))
    Thread.detachNewThread {
      let data = errors.fileHandleForReading.readDataToEndOfFile()
      message.withLock { $0 = data }
      ended.signal()
    }
    let data = output.fileHandleForReading.readDataToEndOfFile()
    ended.wait()
    process.waitUntilExit()
    let lines = String(decoding: message.withLock { $0 }, as: UTF8.self).split(separator: "\n")
    return Answer(
      status: process.terminationStatus, output: String(decoding: data, as: UTF8.self),
      message: lines.last.map(String.init) ?? "it ended with \(process.terminationStatus)")
  }

  /// Runs it, and takes another exit code than 0 for an error.
  /// - Throws: `FileError` of the kind `system` with the program's last message.
  func output(_ arguments: [String]) throws(FileError) -> String {
    let answer = try run(arguments)
    guard answer.status == 0 else { throw FileError(message: answer.message.named(name), kind: .system) }
    return answer.output
  }
}

extension String {
  /// The message of a program, which its name begins.
  fileprivate func named(_ program: String) -> String { hasPrefix(program) ? self : "\(program): \(self)" }
}
