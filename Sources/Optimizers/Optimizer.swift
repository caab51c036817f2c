import Autodiff
package import Kernels
package import Tensors

/// The optimizer of a run: gradients go through stages, one after another, to an update rule.
///
/// A parameter is updated as soon as its gradient has come through; what stages hold back follows when the backward pass
/// has ended.
package struct Optimizer: GradientConsumer {
  /// The learning rate of the coming step, before the groups' multipliers.
  package var learningRate: Double

  private var stages: [any GradientStage]
  private var rule: any UpdateRule
  private let weightDecay: Double
  private let multipliers: [(learningRate: Double, weightDecay: Double)]

  /// The optimizer that a configuration describes, for the parameters of these names, from rest or from a saved state.
  ///
  /// - Parameter isAllOrNothing: whether a step with a gradient that is not finite changes nothing at all.
  package init(
    _ configuration: OptimizerConfiguration, names: [String], state: Parameters = Parameters(),
    isAllOrNothing: Bool = false
  ) {
    learningRate = configuration.learningRate
    weightDecay = configuration.weightDecay
    multipliers = names.map(configuration.multipliers(of:))
    stages = [GradientAccumulation(), FiniteGradients(holds: isAllOrNothing)]
    if let limit = configuration.clip {
      stages.append(GradientClipping(limit: limit, epsilon: configuration.clippingEpsilon))
    }
    rule = configuration.rule.updateRule(names: names, state: state)
  }

  /// Begins the backward pass of a part of a batch.
  ///
  /// - Parameters:
  ///   - share: the part's share of the batch; the shares of a step add up to 1.
  ///   - isLast: whether the step is made with this part.
  package mutating func begin(share: Double, isLast: Bool) {
    for index in stages.indices { stages[index].begin(share: share, isLast: isLast) }
  }

  package mutating func consume(_ gradient: Gradient, into parameter: inout Tensor, at index: Int) {
    send(gradient, through: 0, into: &parameter, at: index)
  }

  package mutating func finish(_ parameters: inout Parameters) {
    for stage in stages.indices {
      while firstBad == nil, let (index, gradient) = stages[stage].released() {
        send(gradient, through: stage + 1, into: &parameters[index], at: index)
      }
    }
  }

  /// Sends a gradient through the stages from one on, to the rule.
  private mutating func send(
    _ gradient: Gradient, through first: Int, into parameter: inout Tensor, at index: Int
  ) {
    var gradient = gradient
    for stage in first..<stages.count {
      guard let passed = stages[stage].passed(gradient, at: index) else { return }
      gradient = passed
    }
    rule.update(
      &parameter, at: index, by: gradient, learningRate: learningRate * multipliers[index].learningRate,
      weightDecay: weightDecay * multipliers[index].weightDecay)
  }

  /// The position of the first parameter whose gradient in the step was not finite.
  package var firstBad: Int? { stages.lazy.compactMap(\.firstBad).first }

  /// Forgets a step that was given up.
  package mutating func reset() {
    for index in stages.indices { stages[index].reset() }
  }

  /// The tensors that continue the optimizer bit for bit; see `UpdateRule.state`.
  package var state: Parameters { rule.state }
}
