import Autodiff

/// Dropout of the elements of maps or features in training; the identity otherwise (Srivastava et al. 2014).
package struct DropoutLayer: Layer {
  package static let kind = "dropout"

  /// The probability that an element is zeroed, in [0, 1).
  package var rate: Float

  private enum CodingKeys: String, CodingKey { case rate }

  package init(rate: Float) { self.rate = rate }

  package init(from decoder: any Decoder) throws {
    rate = try decoder.container(keyedBy: CodingKeys.self).number(.rate, in: 0..<1, or: 0.5)
  }

  package var title: String { "dropout \(rate)" }
  package var isSpatial: Bool { true }

  package func outputShape(of input: ActivationShape, named name: String) throws(ShapeError) -> ActivationShape {
    input
  }

  package func forward(_ input: Activation, _ context: ForwardContext) -> Activation {
    input.mapped { context.tape.dropout($0, rate: rate) }
  }
}
