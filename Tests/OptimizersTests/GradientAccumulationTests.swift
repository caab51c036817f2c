import Autodiff
import Kernels
import Optimizers
import Tensors
import TestSupport
import Testing

/// What accumulation keeps between the parts of a batch.
@Suite struct GradientAccumulationTests {
  /// A 64 → 48 linear layer in four parts of two rows gives one product of eight rows.
  @Test func aLinearLayersGradientIsNeverWhole() {
    struct Collector: GradientConsumer {
      var accumulation = GradientAccumulation()
      var passed: [Int: Gradient] = [:]
      mutating func consume(_ gradient: Gradient, into parameter: inout Tensor, at index: Int) {
        guard let sum = accumulation.passed(gradient, at: index) else { return }
        passed[index] = sum
      }
      mutating func finish(_ parameters: inout Parameters) {}
    }
    var stream = RandomStream(seed: 8)
    var parameters = Parameters([("w", stream.normal([64, 48]))])
    var collector = Collector()
    for part in 0..<4 {
      let tape = Tape(parameters: parameters, mode: .training(seed: 1))
      let output = tape.linear(tape.constant(stream.normal([2, 64])), weight: tape.parameter("w"), bias: nil)
      collector.accumulation.begin(share: 0.25, isLast: part == 3)
      #expect(collector.passed.isEmpty)
      tape.backward(from: output, gradient: stream.normal([2, 48]), into: &collector)
      parameters = tape.finish()
    }
    guard case .product(let input, let outputGradient, _)? = collector.passed[0] else {
      Issue.record("the gradient was multiplied out: \(collector.passed)")
      return
    }
    #expect(input.shape == [8, 64] && outputGradient.shape == [8, 48])
  }

  /// A batch in one part is handed on as it came, without a copy or another bit.
  @Test func aBatchInOnePartGoesStraightOn() {
    var accumulation = GradientAccumulation()
    accumulation.begin(share: 1, isLast: true)
    let tensor = Tensor([1, 2, 3])
    guard case .whole(let passed)? = accumulation.passed(.whole(tensor), at: 4) else {
      Issue.record("it was held back or changed its form")
      return
    }
    #expect(passed.withUnsafePointer { $0 } == tensor.withUnsafePointer { $0 })
    #expect(accumulation.released() == nil)
  }

  /// A parameter without a gradient in the last part is released at the end; an abandoned step leaves nothing.
  @Test func whatTheLastPartLacksIsReleased() {
    var accumulation = GradientAccumulation()
    accumulation.begin(share: 0.5, isLast: false)
    #expect(accumulation.passed(.whole(Tensor([4])), at: 2) == nil)
    #expect(accumulation.released() == nil)
    accumulation.begin(share: 0.5, isLast: true)
    let released = accumulation.released()
    #expect(released?.index == 2 && released?.gradient.materialized().values == [2])
    #expect(accumulation.released() == nil)
    accumulation.begin(share: 0.5, isLast: false)
    _ = accumulation.passed(.whole(Tensor([4])), at: 2)
    accumulation.reset()
    accumulation.begin(share: 1, isLast: true)
    #expect(accumulation.released() == nil)
  }
}
