import Autodiff
import Foundation
import Kernels
import Optimizers
import Tensors
import TestSupport
import Testing

/// The stages before an update rule, and what holds for every rule.
@Suite struct OptimizerTests {
  static let rules: [OptimizerConfiguration.Rule] = [.sgd(SGD.Configuration()), .adamw(AdamW.Configuration())]

  /// A configuration with steps that show.
  static func configuration(_ rule: OptimizerConfiguration.Rule) -> OptimizerConfiguration {
    var configuration = OptimizerConfiguration(rule)
    (configuration.learningRate, configuration.weightDecay) = (0.01, 0.01)
    return configuration
  }

  /// A product that is applied tile by tile makes the step of its whole gradient, in sizes of one tile and of many.
  @Test(
    arguments: [(3, 5, 4), (32, 700, 260), (7, 130, 2000), (40, 4, 70_000)],
    Precision.allCases.filter(\.isAvailable))
  func aProductIsAppliedAsItsWholeGradient(extents: (Int, Int, Int), precision: Precision) {
    let (samples, inputs, outputs) = extents
    var rules: [OptimizerConfiguration.Rule] = [.adamw(AdamW.Configuration())]
    for (convention, nesterov) in [(SGD.Convention.torch, false), (.torch, true), (.caffe, false), (.caffe, true)] {
      var sgd = SGD.Configuration()
      (sgd.convention, sgd.nesterov) = (convention, nesterov)
      rules.append(.sgd(sgd))
    }
    for rule in rules {
      var stream = RandomStream(seed: 3)
      let start = stream.normal([inputs, outputs])
      let gradients = (0..<2).map { _ in
        Gradient.product(
          input: stream.normal([samples, inputs]), outputGradient: stream.normal([samples, outputs]),
          precision: precision)
      }
      func run(_ gradients: [Gradient]) -> (parameter: Tensor, state: Parameters) {
        var parameter = start
        var optimizer = Optimizer(Self.configuration(rule), names: ["w"])
        for gradient in gradients { optimizer.consume(gradient, into: &parameter, at: 0) }
        return (parameter, optimizer.state)
      }
      let (fused, whole) = (run(gradients), run(gradients.map { .whole($0.materialized()) }))
      #expect(fused.parameter.distance(to: start) > 0.01)
      #expect(fused.state.names == whole.state.names)
      if case .sgd = rule {
        #expect(fused.parameter.distance(to: whole.parameter) < 1e-5)
      } else {
        // Where a gradient is next to nothing its rounding decides how far AdamW goes.
        let far = zip(fused.parameter.values, whole.parameter.values).count { abs($0 - $1) > 1e-5 }
        #expect(far * 1000 <= start.count, "\(far) of \(start.count)")
      }
      for name in fused.state.names { #expect(fused.state[name]!.distance(to: whole.state[name]!) < 1e-5, "\(name)") }
    }
  }

  /// Gradients of the parts of a batch, each by its share, make the step of the whole batch, also when parts differ in size.
  @Test(arguments: rules) func accumulationEqualsTheFullBatch(rule: OptimizerConfiguration.Rule) {
    var stream = RandomStream(seed: 4)
    let x = stream.normal([10, 6])
    let labels = (0..<10).map { _ in stream.integer(below: 3) }
    let start = Parameters([("w", stream.normal([6, 3])), ("b", stream.normal([3]))])
    func run(_ parts: [Range<Int>], clip: Double?) -> Parameters {
      var configuration = OptimizerConfiguration(rule)
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

  /// 2N steps are bit-for-bit identical with N steps, a saved and restored state, and N more.
  @Test(arguments: rules) func aSavedStateContinuesTheRun(rule: OptimizerConfiguration.Rule) {
    var stream = RandomStream(seed: 6)
    let gradients = (0..<10).map { _ in stream.normal([7]) }
    var rule = rule
    if case .sgd(var sgd) = rule {
      sgd.dampening = 0.2
      rule = .sgd(sgd)
    }
    let configuration = Self.configuration(rule)
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
    var second = Optimizer(configuration, names: ["w"], state: first.state)
    run(&second, &continued, 5..<10)
    #expect(through == continued)
    #expect(optimizer.state == second.state)
    // Negative control: from rest it is another run.
    var forgotten = Optimizer(configuration, names: ["w"])
    run(&forgotten, &continued, 5..<10)
    #expect(through != continued)
  }

  /// A gradient that is not finite, first or last of a step in parts: nothing changes, and the next step is made as if that
  /// one had not been.
  @Test(arguments: rules, [nil, 0.5]) func aStepThatIsGivenUpLeavesNothing(
    rule: OptimizerConfiguration.Rule, clip: Double?
  ) {
    var configuration = Self.configuration(rule)
    configuration.clip = clip
    let start = Parameters([("a", Tensor([1, 2])), ("b", Tensor([3]))])
    func step(_ optimizer: inout Optimizer, _ parameters: inout Parameters, _ a: [Float], _ b: Float) {
      for part in 0..<2 {
        optimizer.begin(share: 0.5, isLast: part == 1)
        optimizer.consume(.whole(Tensor(a)), into: &parameters[0], at: 0)
        optimizer.consume(.whole(Tensor([b])), into: &parameters[1], at: 1)
        optimizer.finish(&parameters)
      }
    }
    for (a, b, bad) in [([.nan, 1], 1, 0), ([1, 1], -.infinity, 1)] as [([Float], Float, Int)] {
      var (parameters, expected) = (start, start)
      var optimizer = Optimizer(configuration, names: ["a", "b"], isAllOrNothing: true)
      var other = optimizer
      step(&optimizer, &parameters, [1, -1], 2)
      step(&other, &expected, [1, -1], 2)
      step(&optimizer, &parameters, a, b)
      #expect(optimizer.firstBad == bad && parameters == expected && optimizer.state == other.state)
      optimizer.reset()
      #expect(optimizer.firstBad == nil)
      step(&optimizer, &parameters, [2, 1], 1)
      step(&other, &expected, [2, 1], 1)
      #expect(parameters == expected && optimizer.state == other.state && parameters != start)
    }
  }
}
