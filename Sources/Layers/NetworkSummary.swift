import Kernels

/// What a network costs for one image of some extent, layer by layer.
package struct NetworkSummary: Sendable {
  package struct Row: Sendable, Equatable {
    package let path: String
    /// What the layer is, in words.
    package let title: String
    package let output: SignalShape
    /// Elements of its trained parameters.
    package let parameters: Int
    /// Elements of its running statistics.
    package let statistics: Int
    /// Multiplications with an addition.
    package let multiplyAdds: Int
    /// How many layers it lies within.
    package let depth: Int
    /// Whether it is fully connected: linear, or a convolution of a head.
    package let isFullyConnected: Bool
  }

  /// The layers in order; those within a layer come before it.
  package let rows: [Row]
  package let input: SignalShape

  /// - Throws: `ShapeError` where the network does not take such an image.
  package init(_ network: Network, input: SignalShape) throws(ShapeError) {
    self.input = try input.limited(named: "image")
    rows = try Self.rows(network.layers, input, under: "", depth: 0)
  }

  package var parameters: Int { rows.reduce(0) { $0 + $1.parameters } }
  package var statistics: Int { rows.reduce(0) { $0 + $1.statistics } }
  package var multiplyAdds: Int { rows.reduce(0) { $0 + $1.multiplyAdds } }

  /// Parameters of fully connected layers: those of the last one, and those of all before it.
  package var fullyConnected: (hidden: Int, classifier: Int) {
    let layers = rows.filter(\.isFullyConnected)
    return (layers.dropLast().reduce(0) { $0 + $1.parameters }, layers.last?.parameters ?? 0)
  }

  /// Elements of an image and of every layer's output: what a training step keeps of it for the way back.
  package var activations: Int { input.count + rows.reduce(0) { $0 + $1.output.count } }

  /// The most elements that are needed at once to go forward alone: a layer's input and output.
  package var largestPair: Int {
    zip([input.count] + rows.map(\.output.count), rows.map(\.output.count)).map { $0 + $1 }.max() ?? input.count
  }

  private static func rows(
    _ layers: [Network.Layer], _ input: SignalShape, under path: String, depth: Int
  ) throws(ShapeError) -> [Row] {
    var rows: [Row] = []
    var input = input
    for layer in layers {
      let layerPath = path + layer.path
      let output = try layer.module.outputShape(of: input, named: layerPath).limited(named: layerPath)
      var own = layer.module.parameters
      let elements = own.reduce(0.0) { $0 + $1.shape.reduce(1.0) { $0 * Double($1) } }
      guard elements * Double(output.count) < Double(1 << 50) else {
        throw ShapeError(problem: "layer \(layerPath) computes \(output) with \(Int(elements)) parameters, too much")
      }
      if let residual = layer.module as? ResidualLayer {
        own = []
        for chain in [residual.layers, residual.shortcut] {
          rows += try Self.rows(chain, input, under: layerPath + ".", depth: depth + 1)
        }
      }
      func count(_ isTrained: Bool) -> Int {
        own.reduce(0) { $0 + ($1.isTrained == isTrained ? $1.shape.reduce(1, *) : 0) }
      }
      rows.append(
        Row(
          path: layerPath, title: layer.module.title, output: output, parameters: count(true), statistics: count(false),
          multiplyAdds: layer.module.multiplyAdds(of: input), depth: depth,
          isFullyConnected: layer.module is LinearLayer
            || (layer.module is ConvolutionLayer && layerPath.hasPrefix("head."))))
      input = output
    }
    return rows
  }
}
