import Autodiff

/// L2 normalization of features: y = x / ‖x‖ for each image or region.
package struct L2NormalizationLayer: Layer {
  /// `l2-normalization` in a configuration.
  package static let kind = "l2-normalization"

  /// The layer; it has no settings.
  package init() {}

  /// In a table of layers.
  package var title: String { "L2 normalization" }

  /// The shape of the input.
  ///
  /// - Throws: `ShapeError` for maps.
  package func outputShape(of input: ActivationShape, named name: String) throws(ShapeError) -> ActivationShape {
    guard case .features = input else {
      throw ShapeError(
        name, gets: input, expected: "features; put a flatten or a global-average-pooling before it")
    }
    return input
  }

  /// The features of each image or region, divided by their L2 norm.
  package func forward(_ input: Activation, _ context: ForwardContext) -> Activation {
    .features(context.tape.l2Normalization(input.features(context)))
  }
}
