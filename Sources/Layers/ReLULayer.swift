import Autodiff

/// max(x, 0) of maps or features.
package struct ReLULayer: Layer {
  package static let kind = "relu"

  package init() {}

  package var title: String { "relu" }
  package var isSpatial: Bool { true }

  package func outputShape(of input: ActivationShape, named name: String) throws(ShapeError) -> ActivationShape {
    input
  }

  package func forward(_ input: Activation, _ context: ForwardContext) -> Activation {
    input.mapped { context.tape.relu($0) }
  }
}
