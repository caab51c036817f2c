package import Autodiff
package import Kernels
package import Layers
package import Tensors

/// Named layers from images to one output or several.
///
/// The trunk is shared; each output is a chain that begins where the trunk ends. A plain chain is one output, `main`.
package struct Network: Sendable {
  /// A layer in its place: what it is for, and the shapes that the network was built for.
  package struct Layer: Sendable {
    package let description: LayerDescription
    package internal(set) var role: LayerRole
    /// What it is fed; the extent of maps is `nil` where it depends on the image.
    package let input: ActivationShape
    package let output: ActivationShape
    /// Its parameters with their full names.
    package let parameters: [ParameterSpecification]

    /// Its path, such as `features.conv1_1`.
    package var path: String { description.name }
    /// The last part of the path, which names the layer in weight files.
    package var name: String { description.lastName }
    package var layer: any Layers.Layer { description.layer }
    /// Whether it multiplies by weights of its own, or of layers within it.
    package var hasWeights: Bool { parameters.contains { $0.name.hasSuffix(".weight") } }
  }

  /// A named output and the layers that make it.
  package struct Output: Sendable, Equatable {
    package let name: String
    /// Their places among `layers`.
    package let range: Range<Int>
  }

  /// The trunk's layers, then those of each output.
  package let layers: [Layer]
  /// The places of the layers that all outputs share.
  package let trunk: Range<Int>
  package let outputs: [Output]

  /// A network of layers that fit each other; see `NetworkDescription.network`.
  init(trunk: [Layer], outputs: [(name: String, layers: [Layer])]) {
    var layers = trunk
    var ends: [Output] = []
    for output in outputs {
      ends.append(Output(name: output.name, range: layers.count..<layers.count + output.layers.count))
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

  /// Whether maps come out of `main`, as of a network without a head.
  package var endsInMaps: Bool {
    let last = main.flatMap { layers[$0.range].last } ?? layers[trunk].last
    if case .features? = last?.output { return false }
    return true
  }

  /// The place of the layer that makes the class scores; `nil` without one.
  package var classifierIndex: Int? {
    main.flatMap { main in main.range.last { layers[$0].role == .classifier } }
  }

  /// Names of the parameters that gradients change: all but running statistics and what the rules freeze.
  package func trainedParameters(freezing rules: [FreezeRule] = []) -> Set<String> {
    Set(
      layers.flatMap { layer in
        layer.parameters.filter(\.isTrained).map(\.name).filter { name in
          !rules.contains { $0.freezes(name, of: layer) }
        }
      })
  }

  /// Those given and new ones for the rest; a new one depends on the seed and its own name alone.
  package func initialParameters(seed: UInt64, given: Parameters = Parameters()) -> Parameters {
    Parameters(parameters.map { ($0.name, given[$0.name] ?? $0.initial(seed: seed, path: $0.name)) })
  }

  /// What goes into each layer and what comes out of it, for one image.
  ///
  /// - Throws: `ShapeError` where a layer does not take what comes before it, or was built for something else.
  package func shapes(
    of input: ActivationShape
  ) throws(ShapeError) -> [(input: ActivationShape, output: ActivationShape)] {
    var shapes: [(input: ActivationShape, output: ActivationShape)] = []
    func walk(_ layers: ArraySlice<Layer>, from start: ActivationShape) throws(ShapeError) -> ActivationShape {
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
    let end = try walk(layers[trunk], from: input)
    for output in outputs { _ = try walk(layers[output.range], from: end) }
    return shapes
  }

  /// The shape after each layer for one image.
  ///
  /// - Throws: `ShapeError` as `shapes`.
  package func outputShapes(of input: ActivationShape) throws(ShapeError) -> [ActivationShape] {
    try shapes(of: input).map(\.output)
  }

  /// Records the network on a tape; each output has a row per region where there is an ROIPool, one per image otherwise.
  ///
  /// - Parameter tap: is shown the output of each layer.
  package func forward(
    _ images: FeatureMaps, regions: [Region], on tape: Tape, tap: ((Layer, Activation) -> Void)? = nil
  ) -> NetworkOutputs {
    let context = ForwardContext(tape: tape, regions: regions)
    func run(_ range: Range<Int>, _ input: Activation) -> Activation {
      layers[range].map(\.description).forward(
        input, context, tap: tap.map { tap in { tap(layers[range.lowerBound + $0], $1) } })
    }
    let end = run(trunk, .maps(images))
    return NetworkOutputs(outputs.map { ($0.name, run($0.range, end)) })
  }
}
