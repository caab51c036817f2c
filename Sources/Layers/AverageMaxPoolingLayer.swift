import Autodiff

/// Global average and max pooling, each L2-normalized, concatenated: `[H, W, C]` → `[2·C]`.
///
/// The pooling of the Descriptor Aggregation Network (Wei, Zhang, Liu, Xie, Wu, Zhou 2016), on one map.
package struct AverageMaxPoolingLayer: Layer {
  /// `average-max-pooling` in a configuration.
  package static let kind = "average-max-pooling"

  /// The layer; it has no settings.
  package init() {}

  /// In a table of layers.
  package var title: String { "average and max pooling" }
  /// Mean and maximum of each map.
  package var operation: LayerOperation? { .named("average and max pooling") }

  /// Maps `[H, W, C]` → features `[2·C]`.
  ///
  /// - Throws: `ShapeError` for features.
  package func outputShape(of input: ActivationShape, named name: String) throws(ShapeError) -> ActivationShape {
    guard case .maps(_, let channels) = input else { throw ShapeError(name, gets: input, expected: "maps") }
    return .features(2 * channels)
  }

  /// The L2-normalized average, then the L2-normalized maximum of each map.
  package func forward(_ input: Activation, _ context: ForwardContext) -> Activation {
    let (maps, tape) = (input.maps(context), context.tape)
    return .features(
      tape.concatenation([
        tape.l2Normalization(tape.globalAveragePooling(maps)), tape.l2Normalization(tape.globalMaxPooling(maps)),
      ]))
  }
}
