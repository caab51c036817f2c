import Autodiff
import Kernels
import Layers
import Networks
import Tensors
import TestSupport
import Weights

/// The network of the fixtures in `weights`, with outputs of the reference implementations.
struct GoldenNetwork {
  static let fixture = Fixture(weightsFixture("weights/golden.h5"))
  static let map = FlattenedMap(height: 4, width: 3, channels: 4)

  static var network: Network {
    let layers: [LayerDescription] = [
      .convolution("features.conv1_1", outputs: 4, kernel: 3), .relu("features.relu1_1"),
      .convolution("features.conv1_2", outputs: 4, kernel: 3),
      LayerDescription("features.norm1_2", BatchNormalizationLayer(epsilon: 0.001)), .relu("features.relu1_2"),
      .halving("features.pool1"), LayerDescription("head.flatten", FlattenLayer()),
      .linear("head.fc6", outputs: 5), .relu("head.relu6"), .linear("head.classifier", outputs: nil),
    ]
    let description = NetworkDescription(layers: layers, size: Extent(height: 12, width: 10))
    guard let network = try? description.network(channels: 2, classes: 3) else {
      preconditionFailure("GoldenNetwork: its layers do not fit each other")
    }
    return network
  }

  /// The parameters as the fixtures' maker drew them.
  static func parameters() throws -> Parameters {
    Parameters(
      try network.parameters.map { specification in
        let name = specification.name.split(separator: ".").dropFirst().joined(separator: ".")
        return (specification.name, try fixture.tensor("weights/" + name))
      })
  }

  static func plan(
    _ file: WeightsFile, flattened: [String: FlattenedMap]? = ["fc6": map], reinitializing: [String] = [],
    renaming: [String: String] = [:]
  ) throws -> LoadingPlan {
    try LoadingPlan(
      network: network.parameters.map { ($0.name, $0.shape) }, flattened: flattened, from: file,
      reinitializing: reinitializing,
      renaming: renaming)
  }

  /// The logits of the recorded input.
  static func outputs(_ parameters: Parameters) throws -> Tensor {
    let x = try fixture.tensor("x")
    let tape = Tape(parameters: parameters, mode: .evaluation)
    let (count, height, width) = (x.shape[0], x.shape[1], x.shape[2])
    let images = FeatureMaps(
      tape.constant(x.reshaped(to: [count * height * width, x.shape[3]])),
      Extents(count: count, height: height, width: width))
    return network.forward(images, regions: [], on: tape).logits.value
  }
}
