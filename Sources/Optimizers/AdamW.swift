package import Kernels
package import Tensors

/// Adam with decoupled weight decay; see `AdamWUpdate` for the formulas.
package struct AdamW: UpdateRule {
  /// The moments of one parameter and the number of its updates.
  private struct Moments {
    var first: Tensor
    var second: Tensor
    var step: Int

    mutating func apply(_ update: AdamWUpdate, _ gradient: Gradient, to parameter: inout Tensor) {
      update.apply(gradient, to: &parameter, firstMoment: &first, secondMoment: &second)
    }
  }

  /// The step count stops here: a Float holds every whole number only up to 2²⁴. torch's count stops here too.
  private static let mostSteps = 1 << 24

  private let configuration: Configuration
  private let names: [String]
  private var moments: [Moments?]

  /// AdamW for the parameters of these names, in the order of their indices; default: without earlier steps.
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

  /// `exp_avg/NAME`, `exp_avg_sq/NAME` and `step/NAME` (`[1]`) of each parameter that has had a gradient.
  ///
  /// These are torch's names for the first moment, the second moment and the step count.
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

  /// One step of `AdamWUpdate`.
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
