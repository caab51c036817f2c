import Autodiff

/// Global average pooling: maps `[N, H, W, C]` → features `[N, C]` (Lin, Chen, Yan 2013).
package struct GlobalAveragePoolingLayer: Layer {
  /// `global-average-pooling` in a configuration.
  package static let kind = "global-average-pooling"

  /// The layer; it has no settings.
  package init() {}

  /// In a table of layers.
  package var title: String { "global average pooling" }
  /// The mean of each map.
  package var operation: LayerOperation? { .globalPooling(isMax: false) }

  /// Maps `[H, W, C]` → features `[C]`.
  ///
  /// - Throws: `ShapeError` for features.
  package func outputShape(of input: ActivationShape, named name: String) throws(ShapeError) -> ActivationShape {
    guard case .maps(_, let channels) = input else { throw ShapeError(name, gets: input, expected: "maps") }
    return .features(channels)
  }

  /// The mean over each map's positions.
  package func forward(_ input: Activation, _ context: ForwardContext) -> Activation {
    .features(context.tape.globalAveragePooling(input.maps(context)))
  }
}
