package import Kernels
package import Tensors

/// Takes the gradients of a backward pass: an optimizer, or a stage before one that clips or accumulates.
package protocol GradientConsumer {
  /// Takes the complete gradient of the parameter at `index`; may update the parameter at once.
  mutating func consume(_ gradient: Gradient, into parameter: inout Tensor, at index: Int)
  /// Ends the backward pass: applies what had to wait for all gradients.
  mutating func finish(_ parameters: inout Parameters)
}

/// Keeps every gradient by its parameter's index and changes no parameter.
package struct GradientCollector: GradientConsumer {
  /// The gradients of the backward passes so far, by parameter index; a later one replaces an earlier one.
  package private(set) var gradients: [Int: Gradient] = [:]

  /// A collector without gradients.
  package init() {}

  /// Keeps the gradient; the parameter stays unchanged.
  package mutating func consume(_ gradient: Gradient, into parameter: inout Tensor, at index: Int) {
    gradients[index] = gradient
  }

  /// Does nothing: no gradient waits.
  package mutating func finish(_ parameters: inout Parameters) {}
}
