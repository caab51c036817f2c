import Autodiff

/// Fully connected: features `[N, in]` → features `[N, out]`; weight `[in, out]`, bias `[out]`.
package struct LinearLayer: Layer {
  /// `linear` in a configuration.
  package static let kind = "linear"

  /// Output features; `nil` stands for the number of classes.
  package var outputs: Int?
  /// Whether a bias is added to each output feature.
  package var hasBias: Bool
  /// Of the weight initialization; `nil` stands for √(1 / (3·in)), which gives the variance of torch's default.
  ///
  /// He's larger one lets the ReLUs of fully connected layers on max-pooled features die at the learning rates that suit
  /// their backbone.
  package var standardDeviation: Float?

  private enum CodingKeys: String, CodingKey {
    case outputs
    case hasBias = "bias"
    case standardDeviation
  }

  /// A fully connected layer; default: with a bias.
  package init(outputs: Int?, hasBias: Bool = true, standardDeviation: Float? = nil) {
    (self.outputs, self.hasBias, self.standardDeviation) = (outputs, hasBias, standardDeviation)
  }

  /// Decodes `outputs`, `bias` and `standardDeviation`, each if given.
  ///
  /// - Throws: `DecodingError` for a number out of range.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      outputs: try values.outputs(.outputs), hasBias: try values.decodeIfPresent(Bool.self, forKey: .hasBias) ?? true,
      standardDeviation: try values.standardDeviation(.standardDeviation))
  }

  /// The default standard deviation of the weight initialization.
  package static func standardDeviation(inputs: Int) -> Float { (1 / (3 * Float(inputs))).squareRoot() }

  /// In a table of layers.
  package var title: String { "linear" }
  /// Its tensors.
  package var operation: LayerOperation? { .weights() }
  /// True.
  package var fusesReLU: Bool { true }

  /// The layer with open outputs set to the number of classes.
  package func resolved(classes: Int) -> LinearLayer {
    var layer = self
    layer.outputs = outputs ?? classes
    return layer
  }

  /// Features `[out]`.
  ///
  /// - Throws: `ShapeError` for maps.
  package func outputShape(of input: ActivationShape, named name: String) throws(ShapeError) -> ActivationShape {
    guard case .features = input else {
      throw ShapeError(
        name, gets: input, expected: "features; put a flatten or a global-average-pooling before it")
    }
    return .features(outputs.resolved(in: name))
  }

  /// `weight` `[in, out]` and, with a bias, `bias` `[out]`.
  package func parameters(of input: ActivationShape) -> [ParameterSpecification] {
    let (inputs, outputs) = (input.channels, outputs.resolved(in: Self.kind))
    let weight = ParameterSpecification(
      "weight", [inputs, outputs],
      .normal(standardDeviation: standardDeviation ?? Self.standardDeviation(inputs: inputs)))
    return hasBias ? [weight, ParameterSpecification("bias", [outputs], .constant(0))] : [weight]
  }

  /// in · out.
  package func multiplyAccumulates(of input: ActivationShape) -> Int {
    input.channels * outputs.resolved(in: Self.kind)
  }

  /// x·weight + bias.
  package func forward(_ input: Activation, _ context: ForwardContext) -> Activation {
    .features(
      context.tape.linear(
        input.features(context), weight: context.parameter("weight"),
        bias: hasBias ? context.parameter("bias") : nil, fusesReLU: context.fusesReLU))
  }
}
