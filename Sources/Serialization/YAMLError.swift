/// What is wrong with a YAML text, at which line and key.
package struct YAMLError: Error, Equatable, CustomStringConvertible {
  /// Where the offending value was written.
  package enum Origin: Sendable, Equatable {
    case line(Int)
    /// An option of the command line, such as `--set optimizer.learningRate=fast`.
    case option(String)
  }

  /// The file's name, or what stands for it.
  package var source: String
  package var origin: Origin
  /// The key's path, such as `optimizer.groups[0].match`; empty for the whole text.
  package var path: String
  package var problem: String

  package init(source: String, origin: Origin, path: String, problem: String) {
    (self.source, self.origin, self.path, self.problem) = (source, origin, path, problem)
  }

  package var description: String {
    let place =
      switch origin {
      case .line(let line): "\(source):\(line): "
      case .option(let option): "\(option): "
      }
    return place + (path.isEmpty ? "" : "\(path): ") + problem
  }
}
