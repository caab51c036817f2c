import Autodiff

/// Average and maximum over each map, each L2-normalized, concatenated: `[H, W, C]` → `[2·C]`.
///
/// The pooling of the Descriptor Aggregation Network (Wei, Zhang, Liu, Xie, Wu, Zhou 2016), on one map.
package struct AverageMaxPoolingLayer: Layer {
  package static let kind = "average-max-pooling"

  package init() {}

  package var title: String { "average and max pooling" }

  package func outputShape(of input: ActivationShape, named name: String) throws(ShapeError) -> ActivationShape {
    guard case .maps(_, let channels) = input else { throw ShapeError(name, gets: input, expected: "maps") }
    return .features(2 * channels)
  }

  package func forward(_ input: Activation, _ context: ForwardContext) -> Activation {
    let (maps, tape) = (input.maps(context), context.tape)
    return .features(
      tape.concatenation([
        tape.l2Normalization(tape.globalAveragePooling(maps)), tape.l2Normalization(tape.globalMaxPooling(maps)),
      ]))
  }
}
