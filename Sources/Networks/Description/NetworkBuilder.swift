import Kernels
import Layers
import Tensors

/// Builds chains of layers: the input shape of each follows from the layer before it.
struct NetworkBuilder {
  /// The most elements that all parameters of a network may have.
  private static let parameterLimit = 1 << 32

  let classes: Int
  /// The output shape of the last layer; the extent of maps is `nil` if it depends on the image.
  var shape: ActivationShape
  /// Elements of all parameters so far.
  private var parameterCount = 0

  init(channels: Int, extent: Extent?, classes: Int) {
    self.classes = classes
    shape = .maps(extent, channels: channels)
  }

  /// Appends a chain; its layers have the role `backbone` until `roles` assigns others.
  ///
  /// - Throws: `ShapeError` for a layer that does not accept the output of the one before it.
  mutating func chain(_ descriptions: [LayerDescription]) throws(ShapeError) -> [Network.Layer] {
    var layers: [Network.Layer] = []
    for description in descriptions {
      let name = description.name
      let resolved = LayerDescription(name, description.layer.resolved(classes: classes))
      let output = try resolved.layer.outputShape(of: shape, named: name).limited(named: name)
      let parameters = resolved.parameters(of: shape)
      try require(parameters, of: name)
      layers.append(
        Network.Layer(
          description: resolved, role: .backbone, input: shape, output: output, parameters: parameters))
      shape = output
    }
    return layers
  }

  /// Throws if the layers together have more parameters than any machine holds.
  private mutating func require(_ parameters: [ParameterSpecification], of name: String) throws(ShapeError) {
    for parameter in parameters {
      let count = parameter.shape.reduce(1.0) { $0 * Double($1) }
      guard count <= Double(Self.parameterLimit - parameterCount) else {
        throw ShapeError(
          problem: "with layer \(name) (\(parameter.shape)) the network has over \(Self.parameterLimit) parameters; "
            + "make its layers narrower")
      }
      parameterCount += Int(count)
    }
  }
}

extension [Network.Layer] {
  /// The layers of a list with their roles: those before the first that is not spatial are the backbone.
  var rolesOfList: [Network.Layer] { roles(hiddenFrom: firstNotSpatial) }

  /// The layers of a trunk with their roles: as in a list, without a classifier.
  var rolesOfTrunk: [Network.Layer] { hidden(from: firstNotSpatial) }

  /// The layers of an output with their roles: hidden from `start` on, and the last with parameters is the classifier.
  func roles(hiddenFrom start: Int = 0) -> [Network.Layer] {
    var layers = hidden(from: start)
    if let classifier = lastIndex(where: { !$0.parameters.isEmpty && $0.layer.chains.isEmpty }) {
      layers[classifier].role = .classifier
    }
    return layers
  }

  private var firstNotSpatial: Int { firstIndex { !$0.layer.isSpatial } ?? endIndex }

  private func hidden(from start: Int) -> [Network.Layer] {
    var layers = self
    for index in indices.dropFirst(start) { layers[index].role = .hidden }
    return layers
  }
}
