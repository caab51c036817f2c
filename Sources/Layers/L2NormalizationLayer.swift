import Autodiff

/// L2 normalization of features: y = x / ‖x‖ for each image or region.
package struct L2NormalizationLayer: Layer {
  package static let kind = "l2-normalization"

  package init() {}

  package var title: String { "L2 normalization" }

  package func outputShape(of input: ActivationShape, named name: String) throws(ShapeError) -> ActivationShape {
    guard case .features = input else {
      throw ShapeError(
        name, gets: input, expected: "features; put a flatten or a global-average-pooling before it")
    }
    return input
  }

  package func forward(_ input: Activation, _ context: ForwardContext) -> Activation {
    .features(context.tape.l2Normalization(input.features(context)))
  }
}
