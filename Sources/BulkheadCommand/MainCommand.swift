import ArgumentParser
import Bulkhead
import Distribution
import Foundation
import Serialization
import Support
import Training

/// The command line: parses options, builds plain values and passes them on.
@main struct MainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bulkhead",
    abstract: "Fine-tune image classifiers, and measure the benefit of fully connected layers.",
    discussion: """
      Exit codes:
        0   done
        64  usage: an unknown option or an invalid value
        65  bad data: a damaged file, an unknown key, shapes that do not fit
        66  no input: a missing file
        70  internal: a run of a study failed, or a bug in this program
        74  I/O: a full disk, a file that cannot be written
        75  interrupted, or locked by another process; repeat the command or use resume
      """,
    version: BulkheadRelease.version,
    subcommands: [
      Prepare.self, Train.self, Resume.self, Evaluate.self, Predict.self, Report.self, Verify.self, Inspect.self,
      Convert.self,
      Features.self,
      Fetch.self,
      StudyCommand.self,
      Examine.self,
    ])

  static func main() {
    StopRequest.install()
    let launch = Launch()
    if launch.size > 1 { StopRequest.acceptUserSignal() }
    do {
      var command = try parseAsRoot()
      guard launch.size == 1 || command is Train || command is Resume else {
        throw ValidationError(
          "\(launch.size) processes were started, and only train and resume work in several; start it without mpirun")
      }
      try command.run()
      // What was printed may have met a full disk.
      try StandardOutput.finish()
      leave(0)
    } catch {
      end(with: error)
    }
  }

  /// Ends the process: help goes to standard output, an error is one line on standard error.
  ///
  /// - Parameters:
  ///   - processes: those that it ends with.
  static func end(with error: any Error, of processes: any Communicator = SingleProcess()) -> Never {
    let rank = Launch().rank
    // What all processes find, the first one says, which ends the others meanwhile.
    if rank > 0 { JoinedProcesses.wait(seconds: processes.size > 1 ? 2 : 20) }
    let status = ExitStatus(of: error)
    guard let status else { answer(error) }
    let message = status == .usage && !(error is YAMLError) ? self.message(for: error) : "\(error)"
    standardError("bulkhead: \(rank > 0 ? "process \(rank): " : "")\(message)\n")
    fflush(nil)
    processes.abort(status.rawValue)
  }

  /// Ends the process with the help or the version, which goes to standard output.
  private static func answer(_ error: any Error) -> Never {
    let text = fullMessage(for: error)
    if !text.isEmpty { print(text) }
    do throws(FileError) { try StandardOutput.finish() } catch { end(with: error) }
    leave(0)
  }

  /// Ends the process at once: exit handlers of libraries would race with ending threads.
  static func leave(_ status: Int32) -> Never {
    fflush(nil)
    _exit(status)
  }
}

/// Writes to standard output at once.
/// - Throws: `FileError` of the kind `system` where that fails, such as on a full disk.
func standardOutput(_ text: String) throws {
  try FileSystem.attempt("write it", "standard output") {
    try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
  }
}

/// Writes to standard error.
func standardError(_ text: String) {
  try? FileHandle.standardError.write(contentsOf: Data(text.utf8))
}

/// The command as it was typed, for the message that another process gets while this one holds a run.
var commandLine: String { "bulkhead " + CommandLine.arguments.dropFirst().prefix(2).joined(separator: " ") }
