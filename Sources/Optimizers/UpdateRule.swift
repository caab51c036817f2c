package import Kernels
package import Tensors

/// An update rule of an optimizer: how a gradient changes a parameter, and the state kept from step to step.
package protocol UpdateRule: Sendable {
  /// Updates the parameter at `index` and its state in place.
  ///
  /// - Parameters:
  ///   - learningRate: the step's learning rate times the parameter's multiplier.
  ///   - weightDecay: the weight decay times the parameter's multiplier.
  mutating func update(
    _ parameter: inout Tensor, at index: Int, by gradient: Gradient, learningRate: Double, weightDecay: Double)

  /// The tensors to resume from, bit-for-bit, named by kind and parameter: `velocity/head.fc6.bias`.
  var state: Parameters { get }
}
