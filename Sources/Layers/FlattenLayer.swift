import Autodiff
import Kernels
import Tensors

/// Flattens maps `[N, H, W, C]` to features `[N, H·W·C]` in (y, x, channel) order, as Keras does.
package struct FlattenLayer: Layer {
  /// `flatten` in a configuration.
  package static let kind = "flatten"

  /// The layer; it has no settings.
  package init() {}

  /// In a table of layers.
  package var title: String { "flatten" }
  /// True.
  package var flattensMaps: Bool { true }

  /// Maps `[H, W, C]` → features `[H·W·C]`.
  ///
  /// - Throws: `ShapeError` for features, or if the extent depends on the image.
  package func outputShape(of input: ActivationShape, named name: String) throws(ShapeError) -> ActivationShape {
    guard case .maps(let extent, let channels) = input else { throw ShapeError(name, gets: input, expected: "maps") }
    guard let extent else {
      throw ShapeError(
        problem: "layer \(name) gets maps whose extent depends on the image; put a roi-pool before it, "
          + "or set network.size to the side length of the images")
    }
    return .features(extent.area * channels)
  }

  /// The same values as features, in (y, x, channel) order.
  package func forward(_ input: Activation, _ context: ForwardContext) -> Activation {
    .features(context.tape.flatten(input.maps(context)))
  }
}
