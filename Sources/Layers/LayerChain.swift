/// A chain of layers, each applied to what the one before it gives.
extension [LayerDescription] {
  /// The layers with nothing left open.
  func resolved(classes: Int) -> [LayerDescription] {
    map { LayerDescription($0.name, $0.layer.resolved(classes: classes)) }
  }

  /// The shape after each layer.
  ///
  /// - Parameter path: of the layer that the chain lies within.
  /// - Throws: `ShapeError` where a layer does not fit what comes before it.
  package func outputShapes(of input: ActivationShape, under path: String) throws(ShapeError) -> [ActivationShape] {
    var shapes: [ActivationShape] = []
    for description in self {
      let name = "\(path).\(description.name)"
      guard !description.layer.poolsRegions else {
        throw ShapeError(problem: "layer \(name) pools regions within \(path); put it before or after")
      }
      shapes.append(
        try description.layer.outputShape(of: shapes.last ?? input, named: name).limited(named: name))
    }
    return shapes
  }

  /// Their parameters by their names in the chain, for an input that the chain takes.
  func parameters(of input: ActivationShape) -> [ParameterSpecification] {
    let inputs = [input] + ((try? outputShapes(of: input, under: "")) ?? [])
    return zip(self, inputs).flatMap { $0.parameters(of: $1) }
  }

  /// Records one layer after another; a ReLU is fused into the layer before it, unless `tap` is to see each output.
  ///
  /// - Parameter tap: is shown the output of the layer at each index.
  package func forward(
    _ input: Activation, _ context: ForwardContext, tap: ((_ index: Int, _ output: Activation) -> Void)? = nil
  ) -> Activation {
    var activation = input
    var index = 0
    while index < count {
      let description = self[index]
      let fuses = tap == nil && index + 1 < count && description.layer.fusesReLU && self[index + 1].layer is ReLULayer
      activation = description.layer.forward(activation, context.entering(description.name, fusesReLU: fuses))
      tap?(index, activation)
      index += fuses ? 2 : 1
    }
    return activation
  }
}
