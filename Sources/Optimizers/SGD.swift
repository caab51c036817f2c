import Autodiff
package import Kernels
package import Tensors
/// Stochastic gradient descent with momentum; updates each parameter as soon as its gradient is complete.
package struct SGD: GradientConsumer {
  package let configuration: Configuration
  /// The rate of the coming step, before the groups' multipliers.
  package var rate: Double

  private let names: [String]
  private let multipliers: [(rate: Double, decay: Double)]
  private var velocities: [Tensor?]

  /// An optimizer for the parameters of these names, from rest or from saved velocities.
  package init(_ configuration: Configuration, names: [String], velocities saved: Parameters = Parameters()) {
    self.configuration = configuration
    self.names = names
    rate = configuration.rate
    multipliers = names.map(configuration.multipliers(of:))
    velocities = names.map { saved[$0] }
  }

  /// The velocity of each parameter that has had a gradient, by the parameter's name.
  package var state: Parameters {
    Parameters(zip(names, velocities).compactMap { name, velocity in velocity.map { (name, $0) } })
  }

  package mutating func consume(_ gradient: Gradient, into parameter: inout Tensor, at index: Int) {
    let isFirst = velocities[index] == nil
    if isFirst { velocities[index] = Elementwise.zeros(parameter.shape) }
    let update = MomentumUpdate(
      rate: Float(rate * multipliers[index].rate), decay: Float(configuration.decay * multipliers[index].decay),
      momentum: Float(configuration.momentum), damping: isFirst ? 1 : Float(1 - configuration.dampening),
      isCaffe: configuration.convention == .caffe, isNesterov: configuration.nesterov)
    update.apply(gradient, to: &parameter, velocity: &velocities[index]!)
  }

  package mutating func finish(_ parameters: inout Parameters) {}
}
