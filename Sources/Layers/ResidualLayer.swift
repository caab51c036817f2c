import Autodiff

/// The sum of two chains of one input (He et al. 2016); an empty shortcut is the identity.
///
/// The path of the layer prefixes the names of its parameters: `features.layer1_0.layer1_0_conv1.weight`.
package struct ResidualLayer: Layer {
  /// `residual` in a configuration.
  package static let kind = "residual"

  /// The main chain.
  package var layers: [LayerDescription]
  /// The other chain; empty for the identity.
  package var shortcut: [LayerDescription]

  private enum CodingKeys: String, CodingKey { case layers, shortcut }

  /// A residual block; default: an identity shortcut.
  package init(layers: [LayerDescription], shortcut: [LayerDescription] = []) {
    (self.layers, self.shortcut) = (layers, shortcut)
  }

  /// Decodes `layers` and, if given, `shortcut`.
  ///
  /// - Throws: `DecodingError` if `layers` is missing, and what the layers throw.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      layers: try values.decode([LayerDescription].self, forKey: .layers),
      shortcut: try values.decodeIfPresent([LayerDescription].self, forKey: .shortcut) ?? [])
  }

  /// In a table of layers.
  package var title: String { "residual" }
  /// Whether every layer of both chains is spatial.
  package var isSpatial: Bool { chains.joined().allSatisfy(\.layer.isSpatial) }
  /// True.
  package var fusesReLU: Bool { true }
  /// The sum of its chains.
  package var operation: LayerOperation? { .sum }
  /// The main chain, then the shortcut.
  package var chains: [[LayerDescription]] { [layers, shortcut] }

  /// The layer with open outputs in its chains set to the number of classes.
  package func resolved(classes: Int) -> ResidualLayer {
    ResidualLayer(layers: layers.resolved(classes: classes), shortcut: shortcut.resolved(classes: classes))
  }

  /// The shape in which both chains end.
  ///
  /// - Throws: `ShapeError` if they end in different shapes.
  package func outputShape(of input: ActivationShape, named name: String) throws(ShapeError) -> ActivationShape {
    let main = try layers.outputShapes(of: input, under: name).last ?? input
    let other = try shortcut.outputShapes(of: input, under: name).last ?? input
    guard main == other else {
      throw ShapeError(
        problem: "layer \(name) adds \(main.words) to \(other.words); expected chains that end in one shape")
    }
    return main
  }

  /// The parameters of the main chain, then those of the shortcut.
  package func parameters(of input: ActivationShape) -> [ParameterSpecification] {
    chains.flatMap { $0.parameters(of: input) }
  }

  /// main(x) + shortcut(x).
  package func forward(_ input: Activation, _ context: ForwardContext) -> Activation {
    let fuses = context.fusesReLU
    switch (layers.forward(input, context), shortcut.forward(input, context)) {
    case (.maps(let main), .maps(let other)):
      return .maps(
        FeatureMaps(
          context.tape.sum(main.variable, other.variable, fusesReLU: fuses), main.extents,
          spatialScale: main.spatialScale))
    case (.features(let main), .features(let other)):
      return .features(context.tape.sum(main, other, fusesReLU: fuses))
    default: preconditionFailure("layer \(context.path) adds maps to features")
    }
  }
}
