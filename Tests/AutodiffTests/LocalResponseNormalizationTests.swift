import Autodiff
import Kernels
import Tensors
import TestSupport
import Testing

@Suite struct LocalResponseNormalizationTests {
  @Test func agreesWithTorch() throws {
    let torch = TorchValues("windows.h5")
    for golden in try torch.fixture.cases("response_") {
      let normalization = try LocalResponseNormalization(
        size: Int(golden.number("size")), alpha: Float(golden.number("alpha")), beta: Float(golden.number("beta")),
        k: Float(golden.number("k")))
      _ = try torch.compare(golden) { tape, x in tape.localResponseNormalization(x, normalization).variable }
    }
  }

  @Test(arguments: [Float(0.75), 0.4]) func agreesWithDifferences(beta: Float) {
    var stream = RandomStream(seed: 4)
    let normalization = LocalResponseNormalization(size: 3, alpha: 0.8, beta: beta, k: 1.2)
    let extents = Extents([Extent(height: 2, width: 3), Extent(height: 1, width: 2)])
    let check = GradientCheck(inputs: [stream.normal([8, 5])]) { tape, inputs in
      tape.localResponseNormalization(FeatureMaps(inputs[0], extents), normalization).variable
    }
    #expect(check.agrees(gradients: 1), "\(check)")
  }
}
