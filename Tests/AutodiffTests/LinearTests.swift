import Autodiff
import Kernels
import Tensors
import TestSupport
import Testing

@Suite struct LinearTests {
  let torch = TorchValues()
  var stream = RandomStream(seed: 11)

  @Test func agreesWithTorch() throws {
    for golden in try torch.fixture.cases("linear_") {
      _ = try torch.compare(golden, parameters: ["weight", "bias"]) { tape, x in
        tape.linear(x.variable, weight: tape.parameter("weight"), bias: tape.parameter("bias"))
      }
    }
  }

  @Test mutating func agreesWithDifferences() {
    let parameters = Parameters([("w", stream.normal([4, 5])), ("b", stream.normal([5]))])
    let check = GradientCheck(inputs: [stream.normal([3, 4])], parameters: parameters) { tape, inputs in
      tape.linear(inputs[0], weight: tape.parameter("w"), bias: tape.parameter("b"))
    }
    #expect(check.agrees(gradients: 3), "\(check)")
  }
}
