/// An error about a layer that does not accept its input.
package struct ShapeError: Error, CustomStringConvertible {
  /// The layer, what it gets and what it expects.
  package let description: String

  /// `layer … gets …, expected …`.
  package init(_ layer: String, gets shape: ActivationShape, expected: String) {
    description = "layer \(layer) gets \(shape.words), expected \(expected)"
  }

  /// An error with a message of its own.
  package init(problem: String) { description = problem }
}
