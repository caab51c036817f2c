import Autodiff

/// Rectified linear unit: max(x, 0) of maps or features, or min(max(x, 0), maximum) (ReLU6).
package struct ReLULayer: Layer {
  /// `relu` in a configuration.
  package static let kind = "relu"

  /// The largest output; `nil` for no limit.
  package var maximum: Float?

  /// The layer; default: no limit.
  package init(maximum: Float? = nil) { self.maximum = maximum }

  private enum CodingKeys: String, CodingKey { case maximum }

  /// Decodes `maximum`, if given.
  ///
  /// - Throws: `DecodingError` for a maximum of 0 or below.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    maximum = try values.decodeIfPresent(Float.self, forKey: .maximum)
    if let maximum, !(maximum > 0) {
      throw DecodingError.dataCorruptedError(
        forKey: .maximum, in: values, debugDescription: "expected a number above 0, found \(maximum)")
    }
  }

  /// In a table of layers: with its limit.
  package var title: String { "relu" + (maximum.map { " up to \($0)" } ?? "") }
  /// A rectified linear unit.
  package var operation: LayerOperation? { .relu(hasLimit: maximum != nil) }
  /// True: maps to maps.
  package var isSpatial: Bool { true }

  /// The shape of the input.
  package func outputShape(of input: ActivationShape, named name: String) throws(ShapeError) -> ActivationShape {
    input
  }

  /// max(x, 0), and no more than the maximum.
  package func forward(_ input: Activation, _ context: ForwardContext) -> Activation {
    input.mapped { context.tape.relu($0, maximum: maximum) }
  }
}
