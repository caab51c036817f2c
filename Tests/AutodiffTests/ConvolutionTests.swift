import Autodiff
import Kernels
import Tensors
import TestSupport
import Testing

@Suite struct ConvolutionTests {
  let torch = TorchValues()
  var stream = RandomStream(seed: 11)
  let extents = Extents([Extent(height: 5, width: 4), Extent(height: 3, width: 6)])

  @Test func agreesWithTorch() throws {
    for golden in try torch.fixture.cases("convolution_") {
      let shape = try golden.tensor("weight").shape
      let kernel = Convolution(
        kernelHeight: shape[0], kernelWidth: shape[1], stride: Int(try golden.number("stride")),
        padding: Int(try golden.number("padding")))
      _ = try torch.compare(golden, parameters: ["weight", "bias"]) { tape, x in
        tape.convolution(x, weight: tape.parameter("weight"), bias: tape.parameter("bias"), kernel).variable
      }
    }
  }

  @Test(arguments: [(1, 0), (1, 1), (2, 1)]) mutating func agreesWithDifferences(stride: Int, padding: Int) {
    let kernel = Convolution(kernelHeight: 3, kernelWidth: 2, stride: stride, padding: padding)
    let parameters = Parameters([("w", stream.normal([3, 2, 2, 3])), ("b", stream.normal([3]))])
    let extents = extents
    let check = GradientCheck(inputs: [stream.normal([38, 2])], parameters: parameters) { tape, inputs in
      tape.convolution(
        FeatureMaps(inputs[0], extents), weight: tape.parameter("w"), bias: tape.parameter("b"), kernel
      ).variable
    }
    #expect(check.agrees(gradients: 3), "\(check)")
  }
}
