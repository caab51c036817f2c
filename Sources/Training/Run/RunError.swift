/// A problem of a run's directory or of its dataset's path.
package enum RunError: Error, Equatable, CustomStringConvertible {
  /// The dataset is missing; a relative path may be relative to another directory than the run's first one.
  case missingData(path: String, directory: String)
  /// The directory holds a run of another configuration.
  case exists(path: String)
  /// A run was begun there already.
  case begun(path: String)

  /// The message.
  package var description: String {
    switch self {
    case .missingData(let path, let directory):
      path.hasPrefix("/")
        ? "\(path): no such file; give its path with --data"
        : "\(path): no such file in \(directory); give its path with --data, or run from the directory where the run "
          + "was started"
    case .exists(let path):
      "\(path): holds a run of another configuration; choose another directory or remove this one"
    case .begun(let path): "\(path): holds a run already; resume it, or choose another directory"
    }
  }
}
