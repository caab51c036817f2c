package import Kernels
package import Tensors

/// Stochastic gradient descent with momentum; see `MomentumUpdate` for the formulas.
package struct SGD: UpdateRule {
  private let configuration: Configuration
  private let names: [String]
  private var velocities: [Tensor?]

  /// SGD for the parameters of these names, in the order of their indices; default: without earlier steps.
  package init(_ configuration: Configuration, names: [String], state: Parameters = Parameters()) {
    self.configuration = configuration
    self.names = names
    velocities = names.map { state["velocity/" + $0] }
  }

  /// `velocity/NAME` of each parameter that has had a gradient.
  package var state: Parameters {
    Parameters(zip(names, velocities).compactMap { name, velocity in velocity.map { ("velocity/" + name, $0) } })
  }

  /// One step of `MomentumUpdate`.
  package mutating func update(
    _ parameter: inout Tensor, at index: Int, by gradient: Gradient, learningRate: Double, weightDecay: Double
  ) {
    let isFirst = velocities[index] == nil
    if isFirst { velocities[index] = Elementwise.zeros(parameter.shape) }
    let update = MomentumUpdate(
      learningRate: Float(learningRate), weightDecay: Float(weightDecay), momentum: Float(configuration.momentum),
      gradientScale: isFirst ? 1 : Float(1 - configuration.dampening), isCaffe: configuration.convention == .caffe,
      isNesterov: configuration.nesterov)
    update.apply(gradient, to: &parameter, velocity: &velocities[index]!)
  }
}
