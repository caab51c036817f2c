/// A chain of layers: each gets the output of the one before it.
extension [LayerDescription] {
  /// The layers with unspecified outputs set to the number of classes.
  func resolved(classes: Int) -> [LayerDescription] {
    map { LayerDescription($0.name, $0.layer.resolved(classes: classes)) }
  }

  /// The shape after each layer.
  ///
  /// - Parameter path: the path of the layer that contains the chain.
  /// - Throws: `ShapeError` for a layer that does not accept the output of the one before it.
  package func outputShapes(of input: ActivationShape, under path: String) throws(ShapeError) -> [ActivationShape] {
    var shapes: [ActivationShape] = []
    for description in self {
      let name = "\(path).\(description.name)"
      guard !description.layer.poolsRegions else {
        throw ShapeError(problem: "layer \(name) pools regions inside \(path); put it before or after \(path)")
      }
      shapes.append(
        try description.layer.outputShape(of: shapes.last ?? input, named: name).limited(named: name))
    }
    return shapes
  }

  /// The parameters under their names within the chain, for an input that the chain accepts.
  func parameters(of input: ActivationShape) -> [ParameterSpecification] {
    let inputs = [input] + ((try? outputShapes(of: input, under: "")) ?? [])
    return zip(self, inputs).flatMap { $0.parameters(of: $1) }
  }

  /// Records one layer after another; fuses each ReLU into the layer before it, unless there is a `tap`.
  ///
  /// - Parameter tap: called with the output of every layer.
  package func forward(
    _ input: Activation, _ context: ForwardContext, tap: ((_ index: Int, _ output: Activation) -> Void)? = nil
  ) -> Activation {
    var activation = input
    var index = 0
    while index < count {
      let description = self[index]
      let fuses =
        tap == nil && index + 1 < count && description.layer.fusesReLU
        && self[index + 1].layer as? ReLULayer == ReLULayer()
      activation = description.layer.forward(activation, context.entering(description.name, fusesReLU: fuses))
      tap?(index, activation)
      index += fuses ? 2 : 1
    }
    return activation
  }
}
