#if canImport(Glibc)
  internal import Glibc
#endif

/// What is wrong with a run's directory.
package enum RunError: Error, Equatable, CustomStringConvertible {
  case missing(path: String)
  case exists(path: String)
  case locked(path: String)
  case malformed(path: String, problem: String)
  case failed(action: String, path: String, reason: String)

  /// The system's last error.
  static func system(_ action: String, _ path: String) -> RunError {
    .failed(action: action, path: path, reason: unsafe String(cString: strerror(errno)))
  }

  package var description: String {
    switch self {
    case .missing(let path): "\(path): there is no such file"
    case .exists(let path):
      "\(path): holds a run of another configuration; choose another directory or remove this one"
    case .locked(let path): "\(path): another process works on this run; wait for it or stop it"
    case .malformed(let path, let problem): "\(path): \(problem)"
    case .failed(let action, let path, let reason): "\(path): cannot \(action): \(reason)"
    }
  }
}
