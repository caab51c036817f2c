internal import Foundation
internal import Support
internal import Training

/// This program in a process of its own, so that its crash takes nobody along.
final class ChildProcess {
  private let process = Process()
  /// Held open while the child may go on: a child that is supervised stops, its state saved, when it closes.
  private let lifeline = Pipe()
  private let log: String

  /// - Parameter log: a file for what the child writes to standard error; begun anew.
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

  /// Asks the child to save its state and end.
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
}
