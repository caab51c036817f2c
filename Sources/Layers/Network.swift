package import Autodiff
package import Kernels
internal import Support
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

    /// Its parameters with the names that they have in what it is part of.
    package var parameters: [ParameterSpecification] {
      module.parameters.map {
        ParameterSpecification("\(path).\($0.name)", $0.shape, $0.initialiser, isTrained: $0.isTrained)
      }
    }

    /// The last names of itself and all layers within.
    var names: [String] { [name] + module.parts.flatMap(\.names) }
  }

  package let layers: [Layer]

  /// A network of layers with distinct names.
  package init(_ layers: [Layer]) {
    precondition(
      Set(layers.flatMap(\.names)).count == layers.flatMap(\.names).count, "Network: two layers have one name")
    self.layers = layers
  }

  /// Every parameter with its full name, in the order of the layers.
  package var parameters: [ParameterSpecification] {
    layers.flatMap(\.parameters)
  }

  /// Whether maps come out, as of a network without a head.
  package var endsInMaps: Bool {
    !layers.contains { layer in
      switch layer.module {
      case is FlattenLayer, is GlobalAveragePoolingLayer, is AverageMaximumPoolingLayer: true
      default: false
      }
    }
  }

  /// Names of the parameters that gradients change: all but running statistics and what `patterns` freeze.
  package func trainedParameters(freezing patterns: [String] = []) -> Set<String> {
    let patterns = patterns.map { NamePattern($0) }
    return Set(
      parameters.filter { $0.isTrained }.map(\.name).filter { name in !patterns.contains { $0.matches(name) } })
  }

  /// Those given and new ones for the rest; a new one depends on the seed and its own name alone.
  package func initialParameters(seed: UInt64, given: Parameters = Parameters()) -> Parameters {
    Parameters(parameters.map { ($0.name, given[$0.name] ?? $0.initial(seed: seed, path: $0.name)) })
  }

  /// The shape after each layer for one image; throws where a layer does not fit.
  package func outputShapes(of input: SignalShape) throws(ShapeError) -> [SignalShape] {
    var shapes: [SignalShape] = []
    for layer in layers {
      shapes.append(try layer.module.outputShape(of: shapes.last ?? input, named: layer.path))
    }
    return shapes
  }

  /// Records the network on a tape: maps or rows, one a region where there is an ROIPool, one an image otherwise.
  /// - Parameter tap: is shown what comes out of each layer.
  package func signal(
    _ images: FeatureMaps, regions: [Region], on tape: Tape, tap: ((Layer, Signal) -> Void)? = nil
  ) -> Signal {
    layers.forward(.maps(images), tap: tap) { Pass(tape: tape, path: $0.path, regions: regions) }
  }

  /// The place of the last layer with parameters, which makes the class scores; nil without one.
  package var classifierIndex: Int? {
    layers.lastIndex { !$0.module.parameters.isEmpty && $0.module.parts.isEmpty }
  }

  /// Records a network that ends in rows; they are its logits.
  package func forward(_ images: FeatureMaps, regions: [Region], on tape: Tape) -> Variable {
    guard case .rows(let logits) = signal(images, regions: regions, on: tape) else {
      preconditionFailure("Network: ends in maps, expected rows")
    }
    return logits
  }
}

extension [Network.Layer] {
  /// Records one layer after another; a ReLU goes with the layer before it, unless `tap` is to see what comes out of each.
  func forward(
    _ input: Signal, tap: ((Network.Layer, Signal) -> Void)? = nil, pass: (Network.Layer) -> Pass
  ) -> Signal {
    var signal = input
    var index = 0
    while index < count {
      let layer = self[index]
      index += 1
      if tap == nil, index < count, self[index].module is ReLULayer,
        let module = layer.module as? any RectifiableModule
      {
        signal = module.forward(signal, pass(layer), isRectified: true)
        index += 1
      } else {
        signal = layer.module.forward(signal, pass(layer))
        tap?(layer, signal)
      }
    }
    return signal
  }
}
