package import Layers

/// What a network costs for one image of some extent, layer by layer.
package struct NetworkSummary: Sendable {
  package struct Row: Sendable, Equatable {
    package let path: String
    /// What the layer is, in words.
    package let title: String
    package let output: ActivationShape
    /// Elements of its trained parameters.
    package let parameters: Int
    /// Elements of its running statistics.
    package let statistics: Int
    /// Multiply–accumulates (MACs).
    package let multiplyAccumulates: Int
    /// How many layers it lies within.
    package let depth: Int
    /// Whether it is fully connected, as a layer of a head that has weights is: linear, or a convolution in its place.
    package let isFullyConnected: Bool
  }

  /// The layers in order; those within a layer come before it.
  package let rows: [Row]
  package let input: ActivationShape

  /// - Throws: `ShapeError` where the network does not take such an image.
  package init(_ network: Network, input: ActivationShape) throws(ShapeError) {
    self.input = try input.limited(named: "image")
    var rows: [Row] = []
    for (layer, shapes) in zip(network.layers, try network.shapes(of: input)) {
      rows += try Self.rows(layer.description, shapes.input, role: layer.role, under: "", depth: 0)
    }
    self.rows = rows
  }

  package var parameters: Int { rows.reduce(0) { $0 + $1.parameters } }
  package var statistics: Int { rows.reduce(0) { $0 + $1.statistics } }
  package var multiplyAccumulates: Int { rows.reduce(0) { $0 + $1.multiplyAccumulates } }

  /// Parameters of fully connected layers: those of the last one, and those of all before it.
  package var fullyConnected: (hidden: Int, classifier: Int) {
    let layers = rows.filter(\.isFullyConnected)
    return (layers.dropLast().reduce(0) { $0 + $1.parameters }, layers.last?.parameters ?? 0)
  }

  /// Elements of an image and of every layer's output: what a training step keeps of it for the backward pass.
  package var activations: Int { input.count + rows.reduce(0) { $0 + $1.output.count } }

  /// The most elements that are needed at once to go forward alone: a layer's input and output.
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
      throw ShapeError(problem: "layer \(path) computes \(output) with \(Int(elements)) parameters, too much")
    }
    var rows: [Row] = []
    for chain in layer.chains {
      let inputs = [input] + (try chain.outputShapes(of: input, under: path))
      for (part, input) in zip(chain, inputs) {
        rows += try Self.rows(part, input, role: role, under: path + ".", depth: depth + 1)
      }
    }
    // The parameters of layers within are theirs.
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
