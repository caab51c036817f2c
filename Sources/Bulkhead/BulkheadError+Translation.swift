internal import Distribution
internal import Layers
internal import Serialization
internal import Studies
internal import Support
internal import Training

extension BulkheadError {
  /// The public form of a module's error; one that no module has is the system's.
  package init(translating error: any Error) {
    self = error as? BulkheadError ?? BulkheadError(Self.kind(of: error) ?? .system, "\(error)")
  }

  /// What kind of trouble a module's error is; nil where no module throws it.
  package static func kind(of error: any Error) -> Kind? {
    switch error {
    case let error as BulkheadError: error.kind
    case let error as FileError:
      switch error.kind {
      case .missing: .missing
      case .badData: .invalid
      case .system: .system
      case .interrupted: .cancelled
      case .locked: .locked
      }
    case let error as RunError:
      switch error {
      case .missingData: .missing
      case .exists, .begun: .exists
      }
    case is YAMLError, is TrainingError, is ShapeError: .invalid
    case is Divergence: .diverged
    case is Interruption: .cancelled
    case is ElsewhereFailed: .failed
    case let error as StudyError:
      switch error {
      case .failed, .incomplete: .failed
      case .exists: .exists
      }
    default: nil
    }
  }
}

/// What a module does, with its errors in their public form.
func translatingErrors<Value>(_ body: () throws -> Value) throws(BulkheadError) -> Value {
  do { return try body() } catch { throw BulkheadError(translating: error) }
}
