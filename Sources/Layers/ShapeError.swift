/// A layer does not fit what comes before it.
package struct ShapeError: Error, CustomStringConvertible {
  package let description: String

  package init(_ layer: String, gets shape: ActivationShape, expected: String) {
    description = "layer \(layer) gets \(shape.words), expected \(expected)"
  }

  package init(problem: String) { description = problem }
}
