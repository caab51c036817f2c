package import Layers

/// Shapes, parameters and MACs of a network per layer, for one image of a given extent.
package struct NetworkSummary: Sendable {
  /// One layer.
  package struct Row: Sendable, Equatable {
    /// The path, including the paths of the layers around it.
    package let path: String
    /// The layer and its main settings.
    package let title: String
    /// The output shape.
    package let output: ActivationShape
    /// Elements of its trained parameters.
    package let parameters: Int
    /// Elements of its running statistics.
    package let statistics: Int
    /// Multiply–accumulates (MACs) of the forward pass.
    package let multiplyAccumulates: Int
    /// The number of layers around it.
    package let depth: Int
    /// Whether it is a layer of the head with weights: linear, or a convolution that replaces a linear layer.
    package let isFullyConnected: Bool
  }

  /// The layers in order; those inside a layer come before it.
  package let rows: [Row]
  /// The shape of the image.
  package let input: ActivationShape

  /// The summary of a network for an image of a shape.
  ///
  /// - Throws: `ShapeError` if the network does not accept such an image.
  package init(_ network: Network, input: ActivationShape) throws(ShapeError) {
    self.input = try input.limited(named: "image")
    var rows: [Row] = []
    for (layer, shapes) in zip(network.layers, try network.shapes(of: input)) {
      rows += try Self.rows(layer.description, shapes.input, role: layer.role, under: "", depth: 0)
    }
    self.rows = rows
  }

  /// Elements of all trained parameters.
  package var parameters: Int { rows.reduce(0) { $0 + $1.parameters } }
  /// Elements of all running statistics.
  package var statistics: Int { rows.reduce(0) { $0 + $1.statistics } }
  /// Multiply–accumulates (MACs) of the forward pass.
  package var multiplyAccumulates: Int { rows.reduce(0) { $0 + $1.multiplyAccumulates } }

  /// Parameters of the fully connected layers: of all hidden ones, and of the classifier.
  package var fullyConnected: (hidden: Int, classifier: Int) {
    let layers = rows.filter(\.isFullyConnected)
    return (layers.dropLast().reduce(0) { $0 + $1.parameters }, layers.last?.parameters ?? 0)
  }

  /// Elements of the image and of every layer's output, which a training step keeps for the backward pass.
  package var activations: Int { input.count + rows.reduce(0) { $0 + $1.output.count } }

  /// Peak memory at inference, in elements: the largest input and output of one layer together.
  package var largestPair: Int {
    zip([input.count] + rows.map(\.output.count), rows.map(\.output.count)).map { $0 + $1 }.max() ?? input.count
  }

  private static func rows(
    _ description: LayerDescription, _ input: ActivationShape, role: LayerRole, under path: String, depth: Int
  ) throws(ShapeError) -> [Row] {
    let (layer, path) = (description.layer, path + description.name)
    let output = try layer.outputShape(of: input, named: path).limited(named: path)
    var own = layer.parameters(of: input)
    let elements = own.reduce(0.0) { $0 + $1.shape.reduce(1.0) { $0 * Double($1) } }
    guard elements * Double(output.count) < Double(1 << 50) else {
      throw ShapeError(problem: "layer \(path) computes \(output) with \(Int(elements)) parameters, which is too large")
    }
    var rows: [Row] = []
    for chain in layer.chains {
      let inputs = [input] + (try chain.outputShapes(of: input, under: path))
      for (part, input) in zip(chain, inputs) {
        rows += try Self.rows(part, input, role: role, under: path + ".", depth: depth + 1)
      }
    }
    // The rows of the layers inside count their parameters.
    if !rows.isEmpty { own = [] }
    func count(_ isTrained: Bool) -> Int {
      own.reduce(0) { $0 + ($1.isTrained == isTrained ? $1.shape.reduce(1, *) : 0) }
    }
    let row = Row(
      path: path, title: layer.title, output: output, parameters: count(true), statistics: count(false),
      multiplyAccumulates: layer.multiplyAccumulates(of: input), depth: depth,
      isFullyConnected: role != .backbone && own.contains { $0.name == "weight" })
    return rows + [row]
  }
}
