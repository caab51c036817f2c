import Autodiff
import Kernels
import Layers
import Tensors
import TestSupport
import Weights

/// The network of the fixtures in `weights`, and what their peers made of it.
struct GoldenNetwork {
  static let fixture = Fixture(weightsFixture("weights/golden.h5"))
  static let map = FlattenedMap(height: 4, width: 3, channels: 4)

  static var network: Network {
    let kernel = Kernels.Convolution(kernelHeight: 3, kernelWidth: 3)
    return Network([
      Network.Layer("features.conv1_1", ConvolutionLayer(inputs: 2, outputs: 4, kernel: kernel)),
      Network.Layer("features.relu1_1", ReLULayer()),
      Network.Layer("features.conv1_2", ConvolutionLayer(inputs: 4, outputs: 4, kernel: kernel)),
      Network.Layer("features.norm1_2", BatchNormalisationLayer(channels: 4, epsilon: 0.001)),
      Network.Layer("features.relu1_2", ReLULayer()),
      Network.Layer("features.pool1", MaximumPoolingLayer(Kernels.MaximumPooling(size: 2, stride: 2))),
      Network.Layer("head.flatten", FlattenLayer()),
      Network.Layer("head.fc6", LinearLayer(inputs: 48, outputs: 5)),
      Network.Layer("head.relu6", ReLULayer()),
      Network.Layer("head.classifier", LinearLayer(inputs: 5, outputs: 3)),
    ])
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
    _ file: WeightsFile, flattened: [String: FlattenedMap]? = ["fc6": map], leaving: [String] = [],
    renaming: [String: String] = [:]
  ) throws -> LoadingPlan {
    try LoadingPlan(
      network: network.parameters.map { ($0.name, $0.shape) }, flattened: flattened, from: file, leaving: leaving,
      renaming: renaming)
  }

  /// The logits of the recorded input.
  static func outputs(_ parameters: Parameters) throws -> Tensor {
    let x = try fixture.tensor("x")
    let tape = Tape(parameters: parameters, mode: .evaluation)
    let (count, height, width) = (x.shape[0], x.shape[1], x.shape[2])
    let images = FeatureMaps(
      tape.constant(x.reshaped(to: [count * height * width, x.shape[3]])),
      Extents(count: count, height: height, width: width), scale: 1)
    return network.forward(images, regions: [], on: tape).value
  }
}
