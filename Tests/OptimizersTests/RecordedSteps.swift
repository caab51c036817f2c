import Foundation
import Kernels
import Optimizers
import Tensors
import TestSupport
import Testing

/// 20 steps in every setting of a file that Fixtures/make_fixtures.py wrote.
struct RecordedSteps {
  static let steps = 20
  let fixture: Fixture

  init(_ file: String) {
    fixture = Fixture(Bundle.module.resourceURL!.appendingPathComponent("Fixtures/\(file)").path)
  }

  /// What holds for every rule of a setting's configuration.
  func configuration(_ golden: FixtureCase, _ rule: OptimizerConfiguration.Rule) throws -> OptimizerConfiguration {
    var result = OptimizerConfiguration(rule)
    result.learningRate = 0.1
    result.weightDecay = try golden.number("weight_decay")
    let clip = try golden.number("clip_norm")
    result.clip = clip == 0 ? nil : clip
    result.accumulate = Int(try golden.number("accumulation"))
    result.groups = [
      OptimizerGroup(
        match: "*.bias", learningRateMultiplier: try golden.number("bias_rate_multiplier"),
        weightDecayMultiplier: try golden.number("bias_decay_multiplier"))
    ]
    return result
  }

  func schedule(_ golden: FixtureCase) throws -> Schedule {
    var name = try golden.string("schedule")
    var result = Schedule()
    result.unit = .step
    if name.hasPrefix("warmup") {
      result.warmup = try golden.number("schedule_warmup")
      name = name == "warmup" ? "constant" : "cosine"
    }
    result.kind = Schedule.Kind(rawValue: name)!
    if try golden.hasAttribute("schedule_gamma") { result.factor = try golden.number("schedule_gamma") }
    if try golden.hasAttribute("schedule_size") { result.every = try golden.number("schedule_size") }
    if try golden.hasAttribute("schedule_milestones") { result.milestones = try golden.numbers("schedule_milestones") }
    if try golden.hasAttribute("schedule_power") { result.power = try golden.number("schedule_power") }
    if try golden.hasAttribute("schedule_total") { result.length = try golden.number("schedule_total") }
    if try golden.hasAttribute("schedule_minimum") { result.minimum = try golden.number("schedule_minimum") }
    return result
  }

  /// Makes the steps of every setting.
  /// - Returns: how far both parameters are from the recorded ones after each step.
  func distances(_ rule: (FixtureCase) throws -> OptimizerConfiguration.Rule) throws -> [String: Double] {
    var distances: [String: Double] = [:]
    for golden in try fixture.cases("") {
      try follow(golden, configuration(golden, rule(golden))) { distances["\(golden): \($0)"] = $1 }
    }
    return distances
  }

  private func follow(
    _ golden: FixtureCase, _ configuration: OptimizerConfiguration, note: (String, Double) -> Void
  ) throws {
    #expect(configuration.problem == nil, "\(golden)")
    let schedule = try schedule(golden)
    let parts = configuration.accumulate
    let prefix = parts > 1 ? "micro_" : ""
    let gradients = [
      try fixture.tensor(prefix + "weight_gradients"), try fixture.tensor(prefix + "bias_gradients"),
    ]
    var parameters = Parameters([
      ("fc.weight", try fixture.tensor("weight")), ("fc.bias", try fixture.tensor("bias")),
    ])
    var optimizer = Optimizer(configuration, names: parameters.names)
    let rates = try golden.tensor("rates")
    let (weights, biases) = (try golden.tensor("weights"), try golden.tensor("biases"))
    for step in 0..<Self.steps {
      optimizer.learningRate = schedule.learningRate(
        base: configuration.learningRate, step: step, stepsPerEpoch: 1, totalSteps: Self.steps)
      #expect(abs(optimizer.learningRate - Double(rates[step])) < 1e-7, "\(golden): learning rate at step \(step)")
      for part in 0..<parts {
        optimizer.begin(share: 1 / Double(parts), isLast: part == parts - 1)
        for (index, source) in gradients.enumerated() {
          let gradient = Self.row(step * parts + part, of: source, shape: parameters[index].shape)
          optimizer.consume(.whole(gradient), into: &parameters[index], at: index)
        }
        optimizer.finish(&parameters)
      }
      let (weight, bias) = (parameters["fc.weight"]!, parameters["fc.bias"]!)
      note("weight after step \(step)", weight.distance(to: Self.row(step, of: weights, shape: weight.shape)))
      note("bias after step \(step)", bias.distance(to: Self.row(step, of: biases, shape: bias.shape)))
    }
  }

  private static func row(_ index: Int, of tensor: Tensor, shape: [Int]) -> Tensor {
    let size = shape.reduce(1, *)
    return Tensor(Array(tensor.values[index * size..<(index + 1) * size]), shape: shape)
  }
}
