/// An error in a YAML text, with its line and key.
package struct YAMLError: Error, Equatable, CustomStringConvertible {
  /// The origin of a value.
  package enum Origin: Sendable, Equatable {
    /// A line of the text, counted from 1.
    case line(Int)
    /// An option of the command line, such as `--set optimizer.learningRate=fast`.
    case option(String)
  }

  /// The name of the text, usually its path.
  package var source: String
  /// The origin of the value.
  package var origin: Origin
  /// The key's path, such as `optimizer.groups[0].match`; empty for the whole text.
  package var path: String
  /// The problem, such as `expected a number, found "fast"`.
  package var problem: String

  /// An error at a key.
  package init(source: String, origin: Origin, path: String, problem: String) {
    (self.source, self.origin, self.path, self.problem) = (source, origin, path, problem)
  }

  /// `source:line: path: problem`, or `--set …: path: problem`.
  package var description: String {
    let place =
      switch origin {
      case .line(let line): "\(source):\(line): "
      case .option(let option): "\(option): "
      }
    return place + (path.isEmpty ? "" : "\(path): ") + problem
  }
}
