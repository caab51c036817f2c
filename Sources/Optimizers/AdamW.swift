package import Kernels
package import Tensors
/// Adam with decoupled weight decay; see `AdamWUpdate` for the formulas.
package struct AdamW: UpdateRule {
  /// The moments of one parameter and the steps that it has made.
  private struct Moments {
    var first: Tensor
    var second: Tensor
    var step: Int

    mutating func apply(_ update: AdamWUpdate, _ gradient: Gradient, to parameter: inout Tensor) {
      update.apply(gradient, to: &parameter, firstMoment: &first, secondMoment: &second)
    }
  }

  /// Steps are counted no further, as a Float holds no larger whole number for sure; torch's count ends here too.
  private static let mostSteps = 1 << 24

  private let configuration: Configuration
  private let names: [String]
  private var moments: [Moments?]

  /// A rule for the parameters of these names, from rest or from a saved state.
  package init(_ configuration: Configuration, names: [String], state: Parameters = Parameters()) {
    self.configuration = configuration
    self.names = names
    moments = names.map { name in
      guard let first = state["exp_avg/" + name], let second = state["exp_avg_sq/" + name],
        let step = state["step/" + name]
      else { return nil }
      return Moments(first: first, second: second, step: Int(step.scalar))
    }
  }

  /// `exp_avg/NAME`, `exp_avg_sq/NAME` and `step/NAME` (shape `[1]`) for each parameter that has had a gradient; the kinds
  /// are torch's names for the first and second moment and the step count.
  package var state: Parameters {
    Parameters(
      zip(names, moments).flatMap { name, moments in
        moments.map {
          [
            ("exp_avg/" + name, $0.first), ("exp_avg_sq/" + name, $0.second),
            ("step/" + name, Tensor([Float($0.step)])),
          ]
        } ?? []
      })
  }

  package mutating func update(
    _ parameter: inout Tensor, at index: Int, by gradient: Gradient, learningRate: Double, weightDecay: Double
  ) {
    if moments[index] == nil {
      moments[index] = Moments(
        first: Elementwise.zeros(parameter.shape), second: Elementwise.zeros(parameter.shape), step: 0)
    }
    moments[index]!.step = min(moments[index]!.step + 1, Self.mostSteps)
    let update = AdamWUpdate(
      learningRate: learningRate, weightDecay: weightDecay, beta1: configuration.beta1, beta2: configuration.beta2,
      epsilon: configuration.epsilon, step: moments[index]!.step)
    moments[index]!.apply(update, gradient, to: &parameter)
  }
}
