import ArgumentParser
import Bulkhead
import Serialization

/// How the process ends, by the codes of sysexits(3).
enum ExitStatus: Int32 {
  case usage = 64
  case badData = 65
  case noInput = 66
  case `internal` = 70
  case inputOutput = 74
  case interrupted = 75

  /// The status for an error; nil where the parser answers itself, with help or a version.
  init?(of error: any Error) {
    if let error = error as? YAMLError, case .option = error.origin {
      self = .usage
      return
    }
    switch BulkheadError.kind(of: error) {
    case .missing: self = .noInput
    case .invalid, .diverged: self = .badData
    case .exists: self = .usage
    case .system: self = .inputOutput
    case .cancelled, .locked: self = .interrupted
    case .failed: self = .internal
    case nil:
      switch MainCommand.exitCode(for: error) {
      case .success: return nil
      case .validationFailure: self = .usage
      default: self = .internal
      }
    }
  }
}
