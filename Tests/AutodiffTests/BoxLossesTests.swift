import Autodiff
import Kernels
import Tensors
import TestSupport
import Testing

@Suite struct BoxLossesTests {
  var stream = RandomStream(seed: 12)

  @Test mutating func smoothL1AgreesWithDifferences() {
    for beta: Float in [0.25, 1] {
      let x = stream.normal([5, 8])
      let check = GradientCheck(inputs: [x]) { tape, inputs in
        tape.smoothL1(
          inputs[0], at: [3, 0, 17, 39, 17], targets: [0.1, -2, 0.3, 0.7, 1], .init(beta: beta), factor: 0.5)
      }
      #expect(check.agrees(gradients: 1), "\(check)")
    }
  }

  @Test mutating func binaryCrossEntropyAgreesWithDifferences() {
    let x = stream.normal([4, 3])
    let check = GradientCheck(inputs: [x]) { tape, inputs in
      tape.binaryCrossEntropy(inputs[0], at: [3, 0, 11], isTrue: [true, false, true], factor: 0.25)
    }
    #expect(check.agrees(gradients: 1), "\(check)")
  }

  @Test mutating func scaledAgreesWithDifferences() {
    let check = GradientCheck(inputs: [stream.normal([4, 3])]) { tape, inputs in tape.scaled(inputs[0], by: -1.5) }
    #expect(check.agrees(gradients: 1), "\(check)")
  }

  /// The value goes on, the gradient does not: of x·stop(x) only the left x counts.
  @Test mutating func noGradientFlowsThroughAStop() {
    let tape = Tape(parameters: Parameters(), mode: .training(seed: 1))
    let x = tape.input(stream.normal([3]).reshaped(to: [1, 3]))
    let stopped = tape.stopGradient(tape.scaled(x, by: 2))
    #expect(!stopped.needsGradient && stopped.value == tape.scaled(x, by: 2).value)
    let sum = tape.sum(x, stopped)
    var collector = GradientCollector()
    let pass = tape.backward(from: sum, gradient: Tensor(repeating: 1, shape: [1, 3]), into: &collector)
    #expect(pass.gradient(of: x)?.values == [1, 1, 1])
  }
}
