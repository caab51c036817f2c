import Autodiff

/// The sum of two chains over one input (He et al. 2016); an empty shortcut is the input itself.
///
/// The layers' parameters lie under its own path: `features.layer1_0.layer1_0_conv1.weight`.
package struct ResidualLayer: RectifiableModule {
  package let layers: [Network.Layer]
  package let shortcut: [Network.Layer]

  package init(layers: [Network.Layer], shortcut: [Network.Layer]) {
    self.layers = layers
    self.shortcut = shortcut
  }

  package var title: String { "residual" }

  package var parameters: [ParameterSpecification] { (layers + shortcut).flatMap(\.parameters) }

  package var parts: [Network.Layer] { layers + shortcut }

  package func outputShape(of input: SignalShape, named name: String) throws(ShapeError) -> SignalShape {
    let main = try shapes(layers, input, name).last ?? input
    let other = try shapes(shortcut, input, name).last ?? input
    guard main == other else { throw ShapeError(problem: "layer \(name) adds \(main) to \(other), expected one shape") }
    return main
  }

  /// The shape after each layer of one of its chains.
  package func shapes(
    _ chain: [Network.Layer], _ input: SignalShape, _ name: String
  ) throws(ShapeError) -> [SignalShape] {
    var shapes: [SignalShape] = []
    for layer in chain {
      shapes.append(try layer.module.outputShape(of: shapes.last ?? input, named: "\(name).\(layer.path)"))
    }
    return shapes
  }

  package func forward(_ input: Signal, _ pass: Pass, isRectified: Bool) -> Signal {
    switch (run(layers, input, pass), run(shortcut, input, pass)) {
    case (.maps(let main), .maps(let other)):
      .maps(
        FeatureMaps(
          pass.tape.sum(main.cells, other.cells, isRectified: isRectified), main.extents, scale: main.scale))
    case (.rows(let main), .rows(let other)): .rows(pass.tape.sum(main, other, isRectified: isRectified))
    default: preconditionFailure("layer \(pass.path) adds maps to rows")
    }
  }

  private func run(_ chain: [Network.Layer], _ input: Signal, _ pass: Pass) -> Signal {
    chain.forward(input) { Pass(tape: pass.tape, path: "\(pass.path).\($0.path)", regions: pass.regions) }
  }
}
