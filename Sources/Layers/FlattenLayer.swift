import Autodiff
import Kernels
import Tensors

/// Each map `[H, W, C]` as features `[H·W·C]` in (y, x, channel) order, Keras's flatten order.
package struct FlattenLayer: Layer {
  package static let kind = "flatten"

  package init() {}

  package var title: String { "flatten" }
  package var flattensMaps: Bool { true }

  package func outputShape(of input: ActivationShape, named name: String) throws(ShapeError) -> ActivationShape {
    guard case .maps(let extent, let channels) = input else { throw ShapeError(name, gets: input, expected: "maps") }
    guard let extent else {
      throw ShapeError(
        problem: "layer \(name) gets maps whose extent depends on the image; put a roi-pool before it, "
          + "or give the images' side length as network.size")
    }
    return .features(extent.cells * channels)
  }

  package func forward(_ input: Activation, _ context: ForwardContext) -> Activation {
    .features(context.tape.flatten(input.maps(context)))
  }
}
