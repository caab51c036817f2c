/// What is wrong with a run's directory or with where its dataset lies.
package enum RunError: Error, Equatable, CustomStringConvertible {
  /// The dataset; its path is relative to the current directory, which is perhaps not the one that the run was begun in.
  case missingData(path: String, directory: String)
  /// A run of another configuration is there.
  case exists(path: String)
  /// A run was begun there already.
  case begun(path: String)

  /// The message.
  package var description: String {
    switch self {
    case .missingData(let path, let directory):
      path.hasPrefix("/")
        ? "\(path): there is no such file; say where the dataset lies with --data"
        : "\(path): there is no such file in \(directory); say where the dataset lies with --data, or go where the run "
          + "was begun"
    case .exists(let path):
      "\(path): holds a run of another configuration; choose another directory or remove this one"
    case .begun(let path): "\(path): holds a run already; resume it, or choose another directory"
    }
  }
}
