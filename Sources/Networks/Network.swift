package import Layers
package import Tensors

/// Named layers from images to one or more outputs.
///
/// All outputs share the trunk; each is a chain of layers on top of it. A plain chain has one output, `main`.
package struct Network: Sendable {
  /// A layer with its role and the shapes that the network was built for.
  package struct Layer: Sendable {
    /// The layer under its path.
    package let description: LayerDescription
    /// The part of the network that it belongs to.
    package internal(set) var role: LayerRole
    /// The input shape; the extent of maps is `nil` if it depends on the image.
    package let input: ActivationShape
    /// The output shape; the extent of maps is `nil` if it depends on the image.
    package let output: ActivationShape
    /// Its parameters with their full names.
    package let parameters: [ParameterSpecification]

    /// Its path, such as `features.conv1_1`.
    package var path: String { description.name }
    /// The last part of the path, which names the layer in weight files.
    package var name: String { description.lastName }
    /// The layer and its settings.
    package var layer: any Layers.Layer { description.layer }
    /// Whether it, or a layer inside it, has a weight.
    package var hasWeights: Bool { parameters.contains { $0.name.hasSuffix(".weight") } }
  }

  /// A named output and its layers.
  package struct Output: Sendable, Equatable {
    /// The name that tasks read the output by.
    package let name: String
    /// The indices of its layers in `layers`.
    package let range: Range<Int>
    /// The layer of an earlier output that its first layer gets its input from; `nil` is the last of the trunk.
    package let start: Int?
  }

  /// The trunk's layers, then those of each output.
  package let layers: [Layer]
  /// The indices of the layers that all outputs share.
  package let trunk: Range<Int>
  /// The outputs, in order.
  package let outputs: [Output]
  /// Names of its layers in files of other libraries.
  package internal(set) var namings: [LayerNaming] = []
  /// What prepares its images, as the file of its layers says.
  package internal(set) var preparation: [String] = []
  /// By the names of layers of files that are a part of a layer here, that layer: Caffe's Scale by its BatchNorm.
  package internal(set) var partners: [String: String] = [:]

  /// A network of layers whose shapes match; see `NetworkDescription.network`.
  ///
  /// - Parameter start: the layer, by its path, that an output begins after; `nil` is the trunk.
  init(trunk: [Layer], outputs: [(name: String, layers: [Layer], start: String?)]) {
    var layers = trunk
    var ends: [Output] = []
    for output in outputs {
      let start = output.start.flatMap { path in layers.firstIndex { $0.path == path } }
      ends.append(
        Output(name: output.name, range: layers.count..<layers.count + output.layers.count, start: start))
      layers += output.layers
    }
    (self.layers, self.trunk, self.outputs) = (layers, trunk.indices, ends)
  }

  /// Every parameter with its full name, in the order of the layers.
  package var parameters: [ParameterSpecification] { layers.flatMap(\.parameters) }

  /// The output named `main`, or the only one.
  package var main: Output? {
    outputs.first { $0.name == NetworkOutputs.main } ?? (outputs.count == 1 ? outputs[0] : nil)
  }

  /// Whether the output `main` is maps, as in a network without a head.
  package var endsInMaps: Bool {
    let last = main.flatMap { layers[$0.range].last } ?? layers[trunk].last
    if case .features? = last?.output { return false }
    return true
  }

  /// The index of the classifier of `main`; `nil` without one.
  package var classifierIndex: Int? {
    main.flatMap { main in main.range.last { layers[$0].role == .classifier } }
  }

  /// The names of the parameters that gradients train: all but running statistics and frozen ones.
  package func trainedParameters(freezing rules: [FreezeRule] = []) -> Set<String> {
    Set(
      layers.flatMap { layer in
        layer.parameters.filter(\.isTrained).map(\.name).filter { name in
          !rules.contains { $0.freezes(name, of: layer) }
        }
      })
  }

  /// All parameters: those given, and the rest initialized; initial values depend only on the seed and the name.
  package func initialParameters(seed: UInt64, given: Parameters = Parameters()) -> Parameters {
    Parameters(parameters.map { ($0.name, given[$0.name] ?? $0.initial(seed: seed, path: $0.name)) })
  }

  /// The input and output shape of each layer, for one image.
  ///
  /// - Throws: `ShapeError` for a layer that does not accept its input, or was built for another one.
  package func shapes(
    of input: ActivationShape
  ) throws(ShapeError) -> [(input: ActivationShape, output: ActivationShape)] {
    var shapes: [(input: ActivationShape, output: ActivationShape)] = []
    func append(_ layers: ArraySlice<Layer>, from start: ActivationShape) throws(ShapeError) -> ActivationShape {
      var shape = start
      for layer in layers {
        let output = try layer.layer.outputShape(of: shape, named: layer.path)
        guard layer.description.parameters(of: shape) == layer.parameters else {
          throw ShapeError(layer.path, gets: shape, expected: layer.input.words)
        }
        shapes.append((shape, output))
        shape = output
      }
      return shape
    }
    let end = try append(layers[trunk], from: input)
    for output in outputs {
      _ = try append(layers[output.range], from: output.start.map { shapes[$0].output } ?? end)
    }
    return shapes
  }

  /// The output shape of each layer, for one image.
  ///
  /// - Throws: `ShapeError` as `shapes`.
  package func outputShapes(of input: ActivationShape) throws(ShapeError) -> [ActivationShape] {
    try shapes(of: input).map(\.output)
  }
}
