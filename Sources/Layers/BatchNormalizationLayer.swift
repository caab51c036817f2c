import Autodiff
import Kernels
import Tensors

/// Batch normalization of maps or features; scale, offset, running mean and running variance, each `[channels]`.
///
/// Frozen scale and offset freeze the layer: it then uses its running statistics in training too (Ioffe, Szegedy 2015).
package struct BatchNormalizationLayer: Layer {
  package static let kind = "batch-normalization"

  package var epsilon: Float
  /// How far the running statistics move towards the batch's at each step.
  package var momentum: Float

  private enum CodingKeys: String, CodingKey { case epsilon, momentum }

  /// The defaults are torch's.
  package init(epsilon: Float = 1e-5, momentum: Float = 0.1) { (self.epsilon, self.momentum) = (epsilon, momentum) }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      epsilon: try values.number(.epsilon, in: 0..<1, or: 1e-5),
      momentum: try values.number(.momentum, in: 0..<1, or: 0.1))
  }

  package var title: String { "batch normalization" }
  package var isSpatial: Bool { true }
  package var fusesReLU: Bool { true }

  package func outputShape(of input: ActivationShape, named name: String) throws(ShapeError) -> ActivationShape {
    input
  }

  package func parameters(of input: ActivationShape) -> [ParameterSpecification] {
    [
      ParameterSpecification("scale", [input.channels], .constant(1)),
      ParameterSpecification("offset", [input.channels], .constant(0)),
      ParameterSpecification("mean", [input.channels], .constant(0), isTrained: false),
      ParameterSpecification("variance", [input.channels], .constant(1), isTrained: false),
    ]
  }

  package func forward(_ input: Activation, _ context: ForwardContext) -> Activation {
    let parameters = BatchNormalizationParameters(
      scale: context.parameter("scale"), offset: context.parameter("offset"), mean: context.parameter("mean"),
      variance: context.parameter("variance"))
    let isFrozen = !parameters.scale.isTrainable && !parameters.offset.isTrainable
    func normalized(_ maps: FeatureMaps) -> FeatureMaps {
      context.tape.batchNormalization(
        maps, parameters, epsilon: epsilon, momentum: momentum, isFrozen: isFrozen, fusesReLU: context.fusesReLU)
    }
    switch input {
    case .maps(let maps): return .maps(normalized(maps))
    case .features(let features):
      let positions = Extents(count: features.value.shape[0], height: 1, width: 1)
      return .features(normalized(FeatureMaps(features, positions)).variable)
    }
  }
}
