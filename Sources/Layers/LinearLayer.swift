import Autodiff

/// Fully connected: features `[N, in]` → features `[N, out]`; weight `[in, out]`, bias `[out]`.
package struct LinearLayer: Layer {
  package static let kind = "linear"

  /// Output features; `nil` are the classes.
  package var outputs: Int?
  package var hasBias: Bool
  /// Of the initial weights; `nil` is √(1 / (3·in)), the variance of torch's default, as He's larger one lets fully
  /// connected layers on max-pooled features die at the learning rates that their backbone wants.
  package var standardDeviation: Float?

  private enum CodingKeys: String, CodingKey {
    case outputs
    case hasBias = "bias"
    case standardDeviation
  }

  package init(outputs: Int?, hasBias: Bool = true, standardDeviation: Float? = nil) {
    (self.outputs, self.hasBias, self.standardDeviation) = (outputs, hasBias, standardDeviation)
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      outputs: try values.outputs(.outputs), hasBias: try values.decodeIfPresent(Bool.self, forKey: .hasBias) ?? true,
      standardDeviation: try values.standardDeviation(.standardDeviation))
  }

  /// The standard deviation of the initial weights where none is given.
  package static func standardDeviation(inputs: Int) -> Float { (1 / (3 * Float(inputs))).squareRoot() }

  package var title: String { "linear" }
  package var fusesReLU: Bool { true }

  package func resolved(classes: Int) -> LinearLayer {
    var layer = self
    layer.outputs = outputs ?? classes
    return layer
  }

  package func outputShape(of input: ActivationShape, named name: String) throws(ShapeError) -> ActivationShape {
    guard case .features = input else {
      throw ShapeError(
        name, gets: input, expected: "features; put a flatten or a global-average-pooling before it")
    }
    return .features(outputs.resolved(in: name))
  }

  package func parameters(of input: ActivationShape) -> [ParameterSpecification] {
    let (inputs, outputs) = (input.channels, outputs.resolved(in: Self.kind))
    let weight = ParameterSpecification(
      "weight", [inputs, outputs],
      .normal(standardDeviation: standardDeviation ?? Self.standardDeviation(inputs: inputs)))
    return hasBias ? [weight, ParameterSpecification("bias", [outputs], .constant(0))] : [weight]
  }

  package func multiplyAccumulates(of input: ActivationShape) -> Int {
    input.channels * outputs.resolved(in: Self.kind)
  }

  package func forward(_ input: Activation, _ context: ForwardContext) -> Activation {
    .features(
      context.tape.linear(
        input.features(context), weight: context.parameter("weight"),
        bias: hasBias ? context.parameter("bias") : nil, fusesReLU: context.fusesReLU))
  }
}
