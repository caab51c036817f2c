import Autodiff

/// Rectified linear unit: max(x, 0) of maps or features.
package struct ReLULayer: Layer {
  /// `relu` in a configuration.
  package static let kind = "relu"

  /// The layer; it has no settings.
  package init() {}

  /// In a table of layers.
  package var title: String { "relu" }
  /// True: maps to maps.
  package var isSpatial: Bool { true }

  /// The shape of the input.
  package func outputShape(of input: ActivationShape, named name: String) throws(ShapeError) -> ActivationShape {
    input
  }

  /// max(x, 0).
  package func forward(_ input: Activation, _ context: ForwardContext) -> Activation {
    input.mapped { context.tape.relu($0) }
  }
}
