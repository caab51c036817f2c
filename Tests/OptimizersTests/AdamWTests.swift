import Kernels
import Optimizers
import Tensors
import TestSupport
import Testing

/// 20 steps of every setting against torch.optim.AdamW; see Fixtures/make_fixtures.py.
@Suite struct AdamWTests {
  private static func rule(_ golden: FixtureCase) throws -> AdamW.Configuration {
    var result = AdamW.Configuration()
    result.beta1 = try golden.number("beta1")
    result.beta2 = try golden.number("beta2")
    result.epsilon = try golden.number("epsilon")
    return result
  }

  @Test func twentyStepsOfEverySetting() throws {
    let distances = try RecordedSteps("adamw.h5").distances { .adamw(try Self.rule($0)) }
    #expect(distances.count >= 22 * 2 * RecordedSteps.steps)
    #expect(distances.filter { !($0.value < 2e-6) } == [:])
  }

  /// Negative control: a little more or less of any number of the rule makes other steps in every setting.
  @Test(
    arguments: [\AdamW.Configuration.beta1, \.beta2, \.epsilon]
      as [WritableKeyPath<AdamW.Configuration, Double> & Sendable])
  func otherNumbersMakeOtherSteps(number: WritableKeyPath<AdamW.Configuration, Double> & Sendable) throws {
    let distances = try RecordedSteps("adamw.h5").distances { golden in
      var rule = try Self.rule(golden)
      rule[keyPath: number] += rule[keyPath: number] < 0.5 ? 1e-3 : -1e-3
      return .adamw(rule)
    }
    let last = distances.filter { $0.key.hasSuffix("weight after step 19") }
    #expect(last.count >= 22)
    #expect(last.filter { $0.value < 1e-5 } == [:])
  }

  /// Decay is decoupled: a gradient of zeros leaves w·(1 − learningRate·weightDecay), and moments of zeros.
  @Test func decayIsDecoupled() {
    var configuration = OptimizerConfiguration(.adamw(AdamW.Configuration()))
    (configuration.learningRate, configuration.weightDecay) = (0.5, 0.25)
    var parameters = Parameters([("w", Tensor([8, -16]))])
    var optimizer = Optimizer(configuration, names: ["w"])
    optimizer.consume(.whole(Tensor([0, 0])), into: &parameters[0], at: 0)
    optimizer.finish(&parameters)
    #expect(parameters[0].values == [7, -14])
    #expect(optimizer.state["exp_avg/w"]?.values == [0, 0] && optimizer.state["exp_avg_sq/w"]?.values == [0, 0])
    #expect(optimizer.state["step/w"]?.values == [1])
  }
}
