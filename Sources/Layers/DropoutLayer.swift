import Autodiff

/// Dropout of the elements of maps or features in training; the identity otherwise (Srivastava et al. 2014).
package struct DropoutLayer: Layer {
  /// `dropout` in a configuration.
  package static let kind = "dropout"

  /// The probability that an element is zeroed, in [0, 1).
  package var rate: Float

  private enum CodingKeys: String, CodingKey { case rate }

  /// Dropout with a probability in [0, 1).
  package init(rate: Float) { self.rate = rate }

  /// Decodes `rate` (default 0.5).
  ///
  /// - Throws: `DecodingError` for a rate outside [0, 1).
  package init(from decoder: any Decoder) throws {
    rate = try decoder.container(keyedBy: CodingKeys.self).number(.rate, in: 0..<1, or: 0.5)
  }

  /// In a table of layers: the rate.
  package var title: String { "dropout \(rate)" }
  /// True: maps to maps.
  package var isSpatial: Bool { true }

  /// The shape of the input.
  package func outputShape(of input: ActivationShape, named name: String) throws(ShapeError) -> ActivationShape {
    input
  }

  /// The masked input in training, the input itself in evaluation; see `Tape.dropout`.
  package func forward(_ input: Activation, _ context: ForwardContext) -> Activation {
    input.mapped { context.tape.dropout($0, rate: rate) }
  }
}
