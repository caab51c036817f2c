import Autodiff
import Kernels
import Tensors
import TestSupport
import Testing

@Suite struct ElementwiseTests {
  let torch = TorchValues()
  var stream = RandomStream(seed: 11)

  @Test func reluAgreesWithTorch() throws {
    _ = try torch.compare(try torch.fixture.cases("relu")[0]) { tape, x in tape.relu(x.variable) }
  }

  @Test mutating func reluAgreesWithDifferences() {
    let check = GradientCheck(inputs: [stream.normal([40, 5])]) { tape, inputs in tape.relu(inputs[0]) }
    #expect(check.agrees(gradients: 1), "\(check)")
  }

  @Test mutating func dropoutAgreesWithDifferences() {
    let check = GradientCheck(inputs: [stream.normal([6, 5])]) { tape, inputs in tape.dropout(inputs[0], rate: 0.4) }
    #expect(check.agrees(gradients: 1), "\(check)")
  }
}
