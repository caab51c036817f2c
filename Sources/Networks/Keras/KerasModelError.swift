/// Why the model of a Keras file cannot be built.
package struct KerasModelError: Error, Equatable, Sendable, CustomStringConvertible {
  /// `path: what; expected …; action`, the parts that are empty left out.
  package let description: String

  init(what: String, path: String, expected: String = "", action: String = "") {
    description =
      "\(path): "
      + [what, expected.isEmpty ? "" : "expected \(expected)", action].filter { !$0.isEmpty }.joined(separator: "; ")
  }
}
