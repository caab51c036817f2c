package import Kernels
package import Tensors

/// How a gradient changes a parameter, and the state that this needs from step to step.
package protocol UpdateRule: Sendable {
  /// Changes the parameter at `index` and its state in place.
  ///
  /// - Parameters:
  ///   - learningRate: of the step, times the parameter's multiplier.
  ///   - weightDecay: the same.
  mutating func update(
    _ parameter: inout Tensor, at index: Int, by gradient: Gradient, learningRate: Double, weightDecay: Double)

  /// The tensors that continue the rule bit for bit, named by their kind and their parameter: `velocity/head.fc6.bias`.
  var state: Parameters { get }
}
