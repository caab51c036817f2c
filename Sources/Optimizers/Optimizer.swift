import Autodiff
package import Kernels
package import Tensors

/// The optimizer of a run: hands gradients through its stages, in order, to its update rule.
///
/// A parameter is updated as soon as its gradient has passed all stages. Gradients that a stage holds follow once the
/// backward pass has ended.
package struct Optimizer: GradientConsumer {
  /// The learning rate of the next step, before the multipliers of groups.
  package var learningRate: Double

  private var stages: [any GradientStage]
  private var rule: any UpdateRule
  private let weightDecay: Double
  private let multipliers: [(learningRate: Double, weightDecay: Double)]

  /// The optimizer of a configuration, for the parameters of these names in the order of their indices.
  ///
  /// - Parameters:
  ///   - state: a saved `state`, to resume; default: none.
  ///   - isAllOrNothing: whether a step with a gradient that is not finite changes no parameter at all.
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

  /// Begins the backward pass of one part of a batch.
  ///
  /// - Parameters:
  ///   - share: the part's share of the batch; the shares of a step add up to 1.
  ///   - isLast: whether the step is made with this part.
  package mutating func begin(share: Double, isLast: Bool) {
    for index in stages.indices { stages[index].begin(share: share, isLast: isLast) }
  }

  /// Hands the gradient of the parameter at `index` through the stages; updates the parameter if all pass it on.
  package mutating func consume(_ gradient: Gradient, into parameter: inout Tensor, at index: Int) {
    send(gradient, through: 0, into: &parameter, at: index)
  }

  /// Ends a backward pass: updates the parameters whose gradients a stage held.
  package mutating func finish(_ parameters: inout Parameters) {
    for stage in stages.indices {
      while firstBad == nil, let (index, gradient) = stages[stage].released() {
        send(gradient, through: stage + 1, into: &parameters[index], at: index)
      }
    }
  }

  /// Hands a gradient through the stages from `first` on, then to the rule.
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

  /// The index of the first parameter of the step whose gradient was not finite.
  package var firstBad: Int? { stages.lazy.compactMap(\.firstBad).first }

  /// Discards an abandoned step.
  package mutating func reset() {
    for index in stages.indices { stages[index].reset() }
  }

  /// The tensors to resume from, bit-for-bit; see `UpdateRule.state`.
  package var state: Parameters { rule.state }
}
