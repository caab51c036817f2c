/// Thrown by what stopped because it was asked to.
package enum Interruption: Error, CustomStringConvertible {
  /// By a task that stopped with its state saved.
  case stopped
  /// The same of a run: the command that resumes it.
  case stoppedRun(resume: String)

  /// The message.
  package var description: String {
    switch self {
    case .stopped: "stopped as asked, with the state saved; the same command goes on"
    case .stoppedRun(let command): "stopped as asked, with the state saved; \(command) goes on"
    }
  }

  /// sysexits' EX_TEMPFAIL: interrupted, may be resumed.
  package static let exitCode: Int32 = 75
}
