#if canImport(Glibc)
  internal import Glibc
#endif

/// What is wrong with a run's directory.
package enum RunError: Error, Equatable, CustomStringConvertible {
  case missing(path: String)
  /// The dataset; its path is relative to the current directory, which is another than the run was begun in, perhaps.
  case missingData(path: String, directory: String)
  case exists(path: String)
  case locked(path: String, holder: String)
  case malformed(path: String, problem: String)
  case failed(action: String, path: String, reason: String)

  /// The system's last error.
  static func system(_ action: String, _ path: String, _ code: Int32 = errno) -> RunError {
    .failed(action: action, path: path, reason: unsafe String(cString: strerror(code)))
  }

  package var description: String {
    switch self {
    case .missing(let path): "\(path): there is no such file"
    case .missingData(let path, let directory):
      path.hasPrefix("/")
        ? "\(path): there is no such file; say where the dataset lies with --data"
        : "\(path): there is no such file in \(directory); say where the dataset lies with --data, or go where the run "
          + "was begun"
    case .exists(let path):
      "\(path): holds a run of another configuration; choose another directory or remove this one"
    case .locked(let path, let holder):
      "\(path): \(holder.isEmpty ? "another process" : holder) works on this run; wait for it or stop it"
    case .malformed(let path, let problem): "\(path): \(problem)"
    case .failed(let action, let path, let reason): "\(path): cannot \(action): \(reason)"
    }
  }
}
