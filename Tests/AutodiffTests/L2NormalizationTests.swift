import Autodiff
import Tensors
import TestSupport
import Testing

@Suite struct L2NormalizationTests {
  var stream = RandomStream(seed: 11)

  @Test mutating func agreesWithDifferences() {
    let check = GradientCheck(inputs: [stream.normal([4, 5])]) { tape, inputs in tape.l2Normalization(inputs[0]) }
    #expect(check.agrees(gradients: 1), "\(check)")
    #expect(check.skipped == 0)
  }
}
