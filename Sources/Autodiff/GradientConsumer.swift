package import Kernels
package import Tensors

/// Where gradients go: an optimizer, or a wrapper that clips or accumulates on the way to one.
package protocol GradientConsumer {
  /// Takes the complete gradient of the parameter at `index`; may update the parameter at once.
  mutating func consume(_ gradient: Gradient, into parameter: inout Tensor, at index: Int)
  /// Called once after the walk back, for what needed all gradients first.
  mutating func finish(_ parameters: inout Parameters)
}

/// Keeps every gradient by the parameter's index and changes nothing.
package struct GradientCollector: GradientConsumer {
  package private(set) var gradients: [Int: Gradient] = [:]

  package init() {}

  package mutating func consume(_ gradient: Gradient, into parameter: inout Tensor, at index: Int) {
    gradients[index] = gradient
  }

  package mutating func finish(_ parameters: inout Parameters) {}
}
