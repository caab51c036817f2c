import Autodiff
import Tensors
import TestSupport
import Testing

@Suite struct SumTests {
  var stream = RandomStream(seed: 11)

  @Test mutating func agreesWithDifferences() {
    let (x, y) = (stream.normal([4, 5]), stream.normal([4, 5]))
    let check = GradientCheck(inputs: [x, y]) { tape, inputs in tape.sum(inputs[0], inputs[1]) }
    #expect(check.agrees(gradients: 2), "\(check)")
    let twice = GradientCheck(inputs: [x]) { tape, inputs in tape.sum(inputs[0], tape.relu(inputs[0])) }
    #expect(twice.agrees(gradients: 1), "\(twice)")
  }
}
