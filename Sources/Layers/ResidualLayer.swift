import Autodiff

/// The sum of two chains over one input (He et al. 2016); an empty shortcut is the input itself.
///
/// The layers' parameters lie under its own path: `features.layer1_0.layer1_0_conv1.weight`.
package struct ResidualLayer: Layer {
  package static let kind = "residual"

  package var layers: [LayerDescription]
  package var shortcut: [LayerDescription]

  private enum CodingKeys: String, CodingKey { case layers, shortcut }

  package init(layers: [LayerDescription], shortcut: [LayerDescription] = []) {
    (self.layers, self.shortcut) = (layers, shortcut)
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      layers: try values.decode([LayerDescription].self, forKey: .layers),
      shortcut: try values.decodeIfPresent([LayerDescription].self, forKey: .shortcut) ?? [])
  }

  package var title: String { "residual" }
  package var isSpatial: Bool { chains.joined().allSatisfy(\.layer.isSpatial) }
  package var fusesReLU: Bool { true }
  package var chains: [[LayerDescription]] { [layers, shortcut] }

  package func resolved(classes: Int) -> ResidualLayer {
    ResidualLayer(layers: layers.resolved(classes: classes), shortcut: shortcut.resolved(classes: classes))
  }

  package func outputShape(of input: ActivationShape, named name: String) throws(ShapeError) -> ActivationShape {
    let main = try layers.outputShapes(of: input, under: name).last ?? input
    let other = try shortcut.outputShapes(of: input, under: name).last ?? input
    guard main == other else {
      throw ShapeError(
        problem: "layer \(name) adds \(main.words) to \(other.words); expected chains that end in one shape")
    }
    return main
  }

  package func parameters(of input: ActivationShape) -> [ParameterSpecification] {
    chains.flatMap { $0.parameters(of: input) }
  }

  package func forward(_ input: Activation, _ context: ForwardContext) -> Activation {
    let fuses = context.fusesReLU
    switch (layers.forward(input, context), shortcut.forward(input, context)) {
    case (.maps(let main), .maps(let other)):
      return .maps(
        FeatureMaps(
          context.tape.sum(main.variable, other.variable, fusesReLU: fuses), main.extents, spatialScale: main.spatialScale))
    case (.features(let main), .features(let other)):
      return .features(context.tape.sum(main, other, fusesReLU: fuses))
    default: preconditionFailure("layer \(context.path) adds maps to features")
    }
  }
}
