import ArgumentParser
import Layers
import Serialization
import Studies
import Support
import Training

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
    switch error {
    case let error as YAMLError:
      if case .option = error.origin { self = .usage } else { self = .badData }
    case let error as RunError:
      switch error {
      case .missingData: self = .noInput
      case .exists: self = .usage
      }
    case let error as FileError:
      switch error.kind {
      case .missing: self = .noInput
      case .badData: self = .badData
      case .system: self = .inputOutput
      case .interrupted, .locked: self = .interrupted
      }
    case is TrainingError, is Divergence, is ShapeError: self = .badData
    case is Interruption: self = .interrupted
    case is StudyError: self = .internal
    default:
      switch MainCommand.exitCode(for: error) {
      case .success: return nil
      case .validationFailure: self = .usage
      default: self = .internal
      }
    }
  }
}
