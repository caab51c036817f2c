import ArgumentParser
import Bulkhead
import Foundation
import Support

/// How untrusted files are treated.
struct Trust: ParsableArguments {
  @Flag(
    help: """
      Read each file first in a separate process with limits on time and memory: a file that would crash this \
      process is rejected. The file is read twice.
      """)
  var untrusted = false

  /// Examines files in a separate process, if `--untrusted` was given.
  /// - Throws: `FileError` for the first that cannot be read or ended the process that read it.
  func examine(_ paths: [String]) throws {
    guard untrusted else { return }
    for path in paths { try Self.examine(path) }
  }

  private static func examine(_ path: String) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: Bundle.main.executablePath ?? CommandLine.arguments[0])
    process.arguments = ["examine", "--", path]
    process.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
    let errors = Pipe()
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = errors
    try process.run()
    let text = String(decoding: try errors.fileHandleForReading.readToEnd() ?? Data(), as: UTF8.self)
    process.waitUntilExit()
    func refusal(_ what: String) -> FileError {
      FileError(
        what: what, path: path, expected: "a file that can be read to its end",
        action: "it is damaged or malicious; get it again from a trusted source")
    }
    let status = process.terminationStatus
    guard process.terminationReason == .exit else {
      throw refusal(
        status == SIGXCPU || status == SIGKILL
          ? "reading it took too long" : "reading it ended its process (signal \(status))")
    }
    guard status != 0 else { return }
    let message = text.split(separator: "\n").last { $0.hasPrefix("bulkhead: ") }?.dropFirst("bulkhead: ".count)
    let code = ExitStatus(rawValue: status)
    throw FileError(
      message: message.map(String.init) ?? refusal("reading it ended its process (code \(status))").message,
      kind: code == .noInput ? .missing : code == .inputOutput ? .system : .badData)
  }
}

/// Reads an untrusted file to its end; `--untrusted` starts it in a process that may crash.
struct Examine: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Read a whole file with limits on time and memory, to find out whether it can do harm.",
    discussion: """
      Reads every object of a file in one of the supported formats and exits with 0 if all of it is sound. A damaged or \
      hostile file ends this process alone: other commands run it for each file with --untrusted.
      """)
  @Argument(help: "The file.") var file: String

  func run() throws {
    // Nothing here needs an end in good order.
    signal(SIGINT, SIG_DFL)
    signal(SIGTERM, SIG_DFL)
    try FileExamination.run(file)
  }
}
