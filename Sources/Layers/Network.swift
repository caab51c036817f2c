package import Autodiff
package import Kernels
package import Tensors

/// A chain of named layers from images to logits.
package struct Network: Sendable {
  /// A layer under its path, such as `features.conv1_1`.
  package struct Layer: Sendable {
    package let path: String
    package let module: any Module

    package init(_ path: String, _ module: any Module) {
      self.path = path
      self.module = module
    }

    /// The last part of the path, which names the layer in weight files.
    package var name: String { path.split(separator: ".").last.map(String.init) ?? path }
  }

  package let layers: [Layer]

  /// A network of layers with distinct names.
  package init(_ layers: [Layer]) {
    precondition(Set(layers.map(\.name)).count == layers.count, "Network: two layers have one name")
    self.layers = layers
  }

  /// Every parameter with its full name, in the order of the layers.
  package var parameters: [ParameterSpecification] {
    layers.flatMap { layer in
      layer.module.parameters.map {
        ParameterSpecification("\(layer.path).\($0.name)", $0.shape, $0.initialiser, isTrained: $0.isTrained)
      }
    }
  }

  /// Names of the parameters that gradients change: all but running statistics and what `patterns` freeze.
  package func trainedParameters(freezing patterns: [String] = []) -> Set<String> {
    let patterns = patterns.map { NamePattern($0) }
    return Set(
      parameters.filter { $0.isTrained }.map(\.name).filter { name in !patterns.contains { $0.matches(name) } })
  }

  /// New parameters; each depends on the seed and its own name alone.
  package func initialParameters(seed: UInt64) -> Parameters {
    Parameters(parameters.map { ($0.name, $0.initial(seed: seed, path: $0.name)) })
  }

  /// The shape after each layer for one image; throws where a layer does not fit.
  package func outputShapes(of input: SignalShape) throws(ShapeError) -> [SignalShape] {
    var shapes: [SignalShape] = []
    for layer in layers {
      shapes.append(try layer.module.outputShape(of: shapes.last ?? input, named: layer.path))
    }
    return shapes
  }

  /// Records the network on a tape; one row of logits a region where there is an ROIPool, a map otherwise.
  package func forward(_ images: FeatureMaps, regions: [Region], on tape: Tape) -> Variable {
    var signal = Signal.maps(images)
    for layer in layers {
      signal = layer.module.forward(signal, Pass(tape: tape, path: layer.path, regions: regions))
    }
    guard case .rows(let logits) = signal else { preconditionFailure("Network: ends in maps, expected rows") }
    return logits
  }
}
