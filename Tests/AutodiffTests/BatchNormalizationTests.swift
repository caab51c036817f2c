import Autodiff
import Kernels
import Tensors
import TestSupport
import Testing

@Suite struct BatchNormalizationTests {
  let torch = TorchValues()
  var stream = RandomStream(seed: 11)
  let extents = Extents([Extent(height: 5, width: 4), Extent(height: 3, width: 6)])

  @Test(arguments: ["training", "frozen"]) func agreesWithTorch(kind: String) throws {
    for golden in try torch.fixture.cases("batch_normalisation_\(kind)_") {
      let running = Parameters([
        ("mean", try golden.tensor("running_mean")), ("variance", try golden.tensor("running_variance")),
      ])
      let epsilon = Float(try golden.number("epsilon"))
      let momentum = Float(try golden.number("momentum"))
      let after = try torch.compare(golden, parameters: ["scale", "offset"], others: running) { tape, x in
        let parameters = BatchNormalizationParameters(
          scale: tape.parameter("scale"), offset: tape.parameter("offset"), mean: tape.parameter("mean"),
          variance: tape.parameter("variance"))
        return tape.batchNormalization(
          x, parameters, epsilon: epsilon, momentum: momentum, isFrozen: kind == "frozen"
        ).variable
      }
      let expected =
        kind == "training"
        ? (try golden.tensor("updated_running_mean"), try golden.tensor("updated_running_variance_unbiased"))
        : (running["mean"]!, running["variance"]!)
      #expect(after["mean"]!.distance(to: expected.0) < torch.tolerance)
      #expect(after["variance"]!.distance(to: expected.1) < torch.tolerance)
    }
  }

  @Test(arguments: [false, true], [false, true]) mutating func agreesWithDifferences(isFrozen: Bool, fusesReLU: Bool) {
    let extents = extents
    let parameters = Parameters([
      ("scale", stream.normal([3])), ("offset", stream.normal([3])), ("mean", stream.normal([3])),
      ("variance", stream.uniform([3], from: 0.5, to: 2)),
    ])
    let check = GradientCheck(
      inputs: [stream.normal([38, 3], mean: 2, standardDeviation: 1.5)], parameters: parameters,
      isTrainable: { $0 == "scale" || $0 == "offset" }
    ) { tape, inputs in
      let p = BatchNormalizationParameters(
        scale: tape.parameter("scale"), offset: tape.parameter("offset"), mean: tape.parameter("mean"),
        variance: tape.parameter("variance"))
      return tape.batchNormalization(
        FeatureMaps(inputs[0], extents), p, epsilon: 1e-3, momentum: 0.1, isFrozen: isFrozen, fusesReLU: fusesReLU
      ).variable
    }
    #expect(check.agrees(gradients: 3), "\(check)")
  }
}
