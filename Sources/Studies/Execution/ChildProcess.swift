internal import Foundation
internal import Glibc
internal import Support
internal import Training

/// This program in a child process, so that a crash stays isolated.
final class ChildProcess {
  private let process = Process()
  /// Held open while the child may continue: a supervised child saves its state and stops when it closes.
  private let lifeline = Pipe()
  private let log: String

  /// - Parameter log: a file for the child's standard error; overwritten.
  init(executable: String, arguments: [String], log: String) throws {
    self.log = log
    try TextFile.write("", to: log)
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = arguments
    process.standardInput = lifeline
    process.standardOutput = FileHandle.nullDevice
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: log))
    try process.run()
  }

  var isRunning: Bool { process.isRunning }

  /// Asks the child to save its state and exit.
  func requestStop() { try? lifeline.fileHandleForWriting.close() }

  /// Why the ended child failed; nil if it did not.
  var failure: String? {
    process.waitUntilExit()
    let status = process.terminationStatus
    if process.terminationReason == .uncaughtSignal { return "ended by signal \(status)" }
    guard status != 0 else { return nil }
    let lastLine = (try? TextFile.read(log))?.split(separator: "\n").last.map(String.init)
    return lastLine ?? "exit code \(status)"
  }

  /// Whether the ended child stopped because it was asked to.
  var wasInterrupted: Bool {
    process.terminationReason == .exit && process.terminationStatus == Interruption.exitCode
  }

  /// Whether the ended child was killed from outside: by a scheduler, or by the system for want of memory.
  var wasKilled: Bool { process.terminationReason == .uncaughtSignal && process.terminationStatus == SIGKILL }
}
