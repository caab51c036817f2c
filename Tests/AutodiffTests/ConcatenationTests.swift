import Autodiff
import Tensors
import TestSupport
import Testing

@Suite struct ConcatenationTests {
  var stream = RandomStream(seed: 11)

  @Test mutating func agreesWithDifferences() {
    let parts = [stream.normal([4, 5]), stream.normal([4, 3]), stream.normal([4, 5])]
    let check = GradientCheck(inputs: parts) { tape, inputs in tape.concatenation(inputs) }
    #expect(check.agrees(gradients: 3), "\(check)")
    // A part that occurs twice gets both gradients.
    let twofold = GradientCheck(inputs: [parts[0]]) { tape, inputs in tape.concatenation([inputs[0], inputs[0]]) }
    #expect(twofold.agrees(gradients: 1), "\(twofold)")
  }
}
