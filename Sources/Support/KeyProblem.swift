/// A value of a configuration that cannot be used: the path of its key and what is wrong.
package struct KeyProblem: Equatable, Sendable, CustomStringConvertible {
  /// The path of the key, such as `optimizer.momentum`.
  package let path: String
  /// What is wrong with its value, such as `is 1.5; expected 0 or more and below 1`.
  package let text: String

  /// A problem with the value of a key.
  package init(_ path: String, _ text: String) { (self.path, self.text) = (path, text) }

  /// The path and the problem.
  package var description: String { "\(path) \(text)" }
}
