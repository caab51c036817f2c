import Autodiff
import Foundation
import Kernels
import Optimizers
import Tensors
import TestSupport
import Testing
/// 20 steps of every setting against torch.optim.SGD, and against Caffe's formulas; see Fixtures/make_fixtures.py.
@Suite struct SGDTests {
  static let fixture = Fixture(Bundle.module.resourceURL!.appendingPathComponent("Fixtures/sgd.h5").path)
  static let steps = 20

  func configuration(_ golden: FixtureCase) throws -> SGD.Configuration {
    var result = SGD.Configuration()
    result.convention = SGD.Convention(rawValue: try golden.string("convention"))!
    result.rate = 0.1
    result.momentum = try golden.number("momentum")
    result.dampening = try golden.number("dampening")
    result.nesterov = try golden.number("nesterov") != 0
    result.decay = try golden.number("weight_decay")
    let clip = try golden.number("clip_norm")
    result.clip = clip == 0 ? nil : clip
    result.accumulate = Int(try golden.number("accumulation"))
    result.groups = [
      SGD.Group(
        match: "*.bias", rate: try golden.number("bias_rate_multiplier"),
        decay: try golden.number("bias_decay_multiplier"))
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

  @Test func twentyStepsOfEverySetting() throws {
    let (weights, biases) = (try Self.fixture.tensor("weight_gradients"), try Self.fixture.tensor("bias_gradients"))
    let microWeights = try Self.fixture.tensor("micro_weight_gradients")
    let microBiases = try Self.fixture.tensor("micro_bias_gradients")
    let cases = try Self.fixture.cases("")
    #expect(cases.count >= 25)
    for golden in cases {
      let configuration = try configuration(golden)
      #expect(configuration.problem == nil, "\(golden)")
      let schedule = try schedule(golden)
      var parameters = Parameters([
        ("fc.weight", try Self.fixture.tensor("weight")), ("fc.bias", try Self.fixture.tensor("bias")),
      ])
      var optimizer = Optimizer(configuration, names: parameters.names)
      let parts = configuration.accumulate
      let rates = try golden.tensor("rates")
      let (goldenWeights, goldenBiases) = (try golden.tensor("weights"), try golden.tensor("biases"))
      for step in 0..<Self.steps {
        optimizer.sgd.rate = schedule.rate(
          base: configuration.rate, step: step, stepsPerEpoch: 1, totalSteps: Self.steps)
        #expect(abs(optimizer.sgd.rate - Double(rates[step])) < 1e-7, "\(golden): rate at step \(step)")
        for part in 0..<parts {
          optimizer.begin(share: 1 / Double(parts), isLast: part == parts - 1)
          let position = step * parts + part
          for (index, source) in [parts > 1 ? microWeights : weights, parts > 1 ? microBiases : biases].enumerated() {
            optimizer.consume(
              .whole(Self.row(position, of: source, shape: parameters[index].shape)), into: &parameters[index],
              at: index)
          }
          optimizer.finish(&parameters)
        }
        let (weight, bias) = (parameters["fc.weight"]!, parameters["fc.bias"]!)
        let expected = (
          Self.row(step, of: goldenWeights, shape: weight.shape), Self.row(step, of: goldenBiases, shape: bias.shape)
        )
        #expect(weight.distance(to: expected.0) < 2e-6, "\(golden): weight after step \(step)")
        #expect(bias.distance(to: expected.1) < 2e-6, "\(golden): bias after step \(step)")
      }
    }
  }

  static func row(_ index: Int, of tensor: Tensor, shape: [Int]) -> Tensor {
    let size = shape.reduce(1, *)
    return Tensor(Array(tensor.values[index * size..<(index + 1) * size]), shape: shape)
  }

  @Test func numbersThatCannotBeAreNamed() {
    var configuration = SGD.Configuration()
    configuration.groups = [SGD.Group(match: "*.bias", rate: -1)]
    #expect(configuration.problem?.contains("groups") == true)
    configuration.groups = []
    configuration.accumulate = .max
    #expect(configuration.problem?.contains("accumulate") == true)
    for change: (inout Schedule) -> Void in [{ $0.minimum = -5 }, { $0.power = -3 }, { $0.warmup = -1 }] {
      var schedule = Schedule(kind: .cosine)
      change(&schedule)
      #expect(schedule.problem != nil)
    }
  }

  /// The two conventions agree while the rate is constant and part when it changes.
  @Test func conventionsPartWhenTheRateChanges() {
    func run(_ convention: SGD.Convention, rates: [Double]) -> Tensor {
      var configuration = SGD.Configuration()
      configuration.convention = convention
      var parameters = Parameters([("w", Tensor([1, -2, 3]))])
      var optimizer = Optimizer(configuration, names: parameters.names)
      for rate in rates {
        optimizer.sgd.rate = rate
        optimizer.consume(.whole(Tensor([0.5, 1, -1])), into: &parameters[0], at: 0)
        optimizer.finish(&parameters)
      }
      return parameters[0]
    }
    let constant = [0.1, 0.1, 0.1]
    #expect(run(.torch, rates: constant).distance(to: run(.caffe, rates: constant)) < 1e-6)
    let falling = [0.1, 0.1, 0.01]
    #expect(run(.torch, rates: falling).distance(to: run(.caffe, rates: falling)) > 0.01)
  }

  /// A product's norm without forming it equals the norm of what it forms; so does the clipped step.
  @Test func normOfAProduct() {
    var stream = RandomStream(seed: 2)
    let product = Gradient.product(input: stream.normal([8, 40]), outputGradient: stream.normal([8, 30]))
    let whole = Gradient.whole(product.materialised())
    #expect(abs(product.squaredNorm / whole.squaredNorm - 1) < 1e-5)
    #expect(
      (product + product).materialised().distance(to: whole.scaled(by: 2).materialised()) < 1e-5)
  }

  /// A product that is applied tile by tile makes the step of its whole gradient, in sizes of one tile and of many.
  @Test(
    arguments: [(3, 5, 4), (32, 700, 260), (7, 130, 2000), (40, 4, 70_000)],
    Precision.allCases.filter(\.isAvailable))
  func aProductIsAppliedAsItsWholeGradient(extents: (Int, Int, Int), precision: Precision) {
    let (samples, inputs, outputs) = extents
    for (convention, nesterov) in [(SGD.Convention.torch, false), (.torch, true), (.caffe, false), (.caffe, true)] {
      var stream = RandomStream(seed: 3)
      let start = stream.normal([inputs, outputs])
      let gradients = (0..<2).map { _ in
        Gradient.product(
          input: stream.normal([samples, inputs]), outputGradient: stream.normal([samples, outputs]),
          precision: precision)
      }
      var configuration = SGD.Configuration()
      (configuration.convention, configuration.nesterov, configuration.decay) = (convention, nesterov, 0.01)
      func run(_ gradients: [Gradient]) -> (Tensor, Tensor) {
        var parameter = start
        var sgd = SGD(configuration, names: ["w"])
        for gradient in gradients { sgd.consume(gradient, into: &parameter, at: 0) }
        return (parameter, sgd.state["w"]!)
      }
      let (fused, whole) = (run(gradients), run(gradients.map { .whole($0.materialised()) }))
      #expect(fused.0.distance(to: whole.0) < 1e-5)
      #expect(fused.1.distance(to: whole.1) < 1e-5)
      #expect(fused.0.distance(to: start) > 0.01)
    }
  }

  /// Gradients of the parts of a batch, each by its share, make the step of the whole batch, also when parts differ in size.
  @Test func accumulationEqualsTheFullBatch() {
    var stream = RandomStream(seed: 4)
    let x = stream.normal([10, 6])
    let labels = (0..<10).map { _ in stream.integer(below: 3) }
    let start = Parameters([("w", stream.normal([6, 3])), ("b", stream.normal([3]))])
    func run(_ parts: [Range<Int>], clip: Double?) -> Parameters {
      var configuration = SGD.Configuration()
      configuration.clip = clip
      var optimizer = Optimizer(configuration, names: start.names)
      var parameters = start
      for _ in 0..<3 {
        for part in parts {
          let tape = Tape(parameters: parameters, mode: .training(seed: 1))
          let rows = Tensor(Array(x.values[part.lowerBound * 6..<part.upperBound * 6]), shape: [part.count, 6])
          let logits = tape.linear(tape.constant(rows), weight: tape.parameter("w"), bias: tape.parameter("b"))
          let loss = tape.softmaxCrossEntropy(logits, labels: Array(labels[part]))
          optimizer.begin(share: Double(part.count) / 10, isLast: part.upperBound == 10)
          tape.backward(from: loss, into: &optimizer)
          parameters = tape.finish()
        }
      }
      return parameters
    }
    for clip in [nil, 0.1] {
      let whole = run([0..<10], clip: clip)
      let parts = run([0..<4, 4..<8, 8..<10], clip: clip)
      #expect(whole["w"]!.distance(to: parts["w"]!) < 1e-6)
      #expect(whole["w"]!.distance(to: start["w"]!) > 1e-3)
    }
  }

  /// 2N steps are N steps, the velocities saved and restored, and N more, bit for bit.
  @Test func savedVelocitiesContinueTheRun() {
    var stream = RandomStream(seed: 6)
    let gradients = (0..<10).map { _ in stream.normal([7]) }
    var configuration = SGD.Configuration()
    configuration.dampening = 0.2
    func run(_ optimizer: inout Optimizer, _ parameters: inout Parameters, _ range: Range<Int>) {
      for step in range {
        optimizer.consume(.whole(gradients[step]), into: &parameters[0], at: 0)
        optimizer.finish(&parameters)
      }
    }
    let start = Parameters([("w", Tensor(repeating: 1, shape: [7]))])
    var (through, continued) = (start, start)
    var optimizer = Optimizer(configuration, names: ["w"])
    run(&optimizer, &through, 0..<10)
    var first = Optimizer(configuration, names: ["w"])
    run(&first, &continued, 0..<5)
    var second = Optimizer(configuration, names: ["w"], velocities: first.sgd.state)
    run(&second, &continued, 5..<10)
    #expect(through == continued)
    #expect(optimizer.sgd.state == second.sgd.state)
  }
}
