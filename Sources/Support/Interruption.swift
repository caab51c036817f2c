/// Thrown by an operation that ended because of a stop request.
package enum Interruption: Error, CustomStringConvertible {
  /// The operation saved its state, if it has one to save.
  case stopped
  /// The operation ended without a result, and nothing of it is kept.
  case stoppedForGood
  /// A training run saved its state; `resume` is the command that resumes it.
  case stoppedRun(resume: String)

  /// The message.
  package var description: String {
    switch self {
    case .stopped: "stopped on request, state saved; run the same command to resume"
    case .stoppedForGood: "stopped on request, nothing is kept; run the same command to start over"
    case .stoppedRun(let command): "stopped on request, state saved; resume with: \(command)"
    }
  }

  /// The exit code of a stop request that can be resumed: sysexits' EX_TEMPFAIL.
  package static let exitCode: Int32 = 75
}
