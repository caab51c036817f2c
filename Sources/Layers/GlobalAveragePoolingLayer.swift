import Autodiff

/// Global average pooling: each map `[H, W, C]` to its channels' means `[C]`.
package struct GlobalAveragePoolingLayer: Layer {
  package static let kind = "global-average-pooling"

  package init() {}

  package var title: String { "global average pooling" }

  package func outputShape(of input: ActivationShape, named name: String) throws(ShapeError) -> ActivationShape {
    guard case .maps(_, let channels) = input else { throw ShapeError(name, gets: input, expected: "maps") }
    return .features(channels)
  }

  package func forward(_ input: Activation, _ context: ForwardContext) -> Activation {
    .features(context.tape.globalAveragePooling(input.maps(context)))
  }
}
