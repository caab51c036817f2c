import Autodiff
import Kernels
import Tensors

/// Batch normalization of maps or features; scale, offset, running mean and running variance, each `[channels]`.
///
/// If scale and offset are frozen, the layer uses its running statistics in training too (Ioffe, Szegedy 2015).
package struct BatchNormalizationLayer: Layer {
  /// `batch-normalization` in a configuration.
  package static let kind = "batch-normalization"

  /// ε, added to the variance.
  package var epsilon: Float
  /// The share of the batch's statistics in the updated running statistics (torch's convention; Keras's is 1 − this).
  package var momentum: Float

  private enum CodingKeys: String, CodingKey { case epsilon, momentum }

  /// Batch normalization; the defaults are torch's.
  package init(epsilon: Float = 1e-5, momentum: Float = 0.1) { (self.epsilon, self.momentum) = (epsilon, momentum) }

  /// Decodes `epsilon` (default 1e-5) and `momentum` (default 0.1).
  ///
  /// - Throws: `DecodingError` for a number outside [0, 1).
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      epsilon: try values.number(.epsilon, in: 0..<1, or: 1e-5),
      momentum: try values.number(.momentum, in: 0..<1, or: 0.1))
  }

  /// In a table of layers.
  package var title: String { "batch normalization" }
  /// Its tensors and ε.
  package var operation: LayerOperation? { .weights(epsilon: epsilon) }
  /// True: maps to maps.
  package var isSpatial: Bool { true }
  /// True.
  package var fusesReLU: Bool { true }
  /// True.
  package var usesBatchStatistics: Bool { true }

  /// The shape of the input.
  package func outputShape(of input: ActivationShape, named name: String) throws(ShapeError) -> ActivationShape {
    input
  }

  /// `scale`, `offset`, `mean` and `variance`, each `[channels]`; gradients train the first two.
  package func parameters(of input: ActivationShape) -> [ParameterSpecification] {
    [
      ParameterSpecification("scale", [input.channels], .constant(1)),
      ParameterSpecification("offset", [input.channels], .constant(0)),
      ParameterSpecification("mean", [input.channels], .constant(0), isTrained: false),
      ParameterSpecification("variance", [input.channels], .constant(1), isTrained: false),
    ]
  }

  /// Batch normalization per channel; see `Tape.batchNormalization`.
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
