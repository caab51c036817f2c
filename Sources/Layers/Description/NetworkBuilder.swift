import Kernels

/// Makes layers from descriptions, one after the other; each layer's inputs follow from what comes before it.
struct NetworkBuilder {
  /// What flows at one place; the extent of maps is unknown where it depends on the image.
  enum Shape: Equatable {
    case maps(Extent?, channels: Int)
    case rows(Int)

    init(_ shape: SignalShape) {
      switch shape {
      case .maps(let extent, let channels): self = .maps(extent, channels: channels)
      case .rows(let features): self = .rows(features)
      }
    }

    /// The shape, where it does not depend on the image.
    var known: SignalShape? {
      switch self {
      case .maps(let extent?, let channels): .maps(extent, channels: channels)
      case .maps(nil, channels: _): nil
      case .rows(let features): .rows(features)
      }
    }

    var channels: Int {
      switch self {
      case .maps(_, let channels): channels
      case .rows(let features): features
      }
    }
  }

  let classes: Int
  private(set) var shape: Shape
  /// Elements of all parameters so far.
  private var parameterCount = 0
  private static let parameterLimit = 1 << 32

  init(channels: Int, extent: Extent?, classes: Int) {
    self.classes = classes
    shape = .maps(extent, channels: channels)
  }

  /// The layers of a chain.
  ///
  /// - Throws: `ShapeError` where a layer does not fit what comes before it.
  mutating func chain(_ descriptions: [LayerDescription]) throws(ShapeError) -> [Network.Layer] {
    var layers: [Network.Layer] = []
    for description in descriptions {
      if case .residual(let main, let shortcut) = description.operation {
        layers.append(Network.Layer(description.name, try residual(main, shortcut, named: description.name)))
      } else {
        let module = module(description.operation)
        try require(module, named: description.name)
        shape = try shape(after: module, named: description.name)
        layers.append(Network.Layer(description.name, module))
      }
    }
    return layers
  }

  /// Throws where the layers together have more parameters than any machine holds.
  private mutating func require(_ module: any Module, named name: String) throws(ShapeError) {
    for parameter in module.parameters {
      let count = parameter.shape.reduce(1.0) { $0 * Double($1) }
      guard count <= Double(Self.parameterLimit - parameterCount) else {
        throw ShapeError(
          problem:
            "with layer \(name) (\(parameter.shape)) the network has over \(Self.parameterLimit) parameters; make its layers narrower"
        )
      }
      parameterCount += Int(count)
    }
  }

  private mutating func residual(
    _ layers: [LayerDescription], _ shortcut: [LayerDescription], named name: String
  ) throws(ShapeError) -> ResidualLayer {
    for layer in layers + shortcut where layer.isROIPool {
      throw ShapeError(problem: "layer \(layer.name) is a roi-pool within \(name); put it before or after")
    }
    var (main, other) = (self, self)
    let layer = ResidualLayer(layers: try main.chain(layers), shortcut: try other.chain(shortcut))
    guard main.shape == other.shape else {
      throw ShapeError(
        problem: "layer \(name) adds \(main.shape.channels) channels to \(other.shape.channels); expected chains that "
          + "end alike")
    }
    shape = main.shape
    parameterCount = main.parameterCount + (other.parameterCount - parameterCount)
    return layer
  }

  private func module(_ operation: LayerDescription.Operation) -> any Module {
    switch operation {
    case .convolution(let outputs, let kernel, let stride, let padding, let hasBias, let deviation):
      return ConvolutionLayer(
        inputs: shape.channels, outputs: outputs ?? classes,
        kernel: Kernels.Convolution(
          kernelHeight: kernel.height, kernelWidth: kernel.width, stride: stride, padding: padding),
        hasBias: hasBias, deviation: deviation)
    case .batchNormalisation(let epsilon, let momentum):
      return BatchNormalisationLayer(channels: shape.channels, epsilon: epsilon, momentum: momentum)
    case .relu: return ReLULayer()
    case .maximumPooling(let size, let stride, let padding):
      return MaximumPoolingLayer(Kernels.MaximumPooling(size: size, stride: stride, padding: padding))
    case .averagePooling(let size, let stride):
      return AveragePoolingLayer(Kernels.AveragePooling(size: size, stride: stride))
    case .roiPool(let grid): return ROIPoolLayer(Kernels.ROIPool(height: grid.height, width: grid.width))
    case .globalAveragePooling: return GlobalAveragePoolingLayer()
    case .averageMaximumPooling: return AverageMaximumPoolingLayer()
    case .flatten: return FlattenLayer()
    case .unitLength: return UnitLengthLayer()
    case .linear(let outputs, let hasBias, let deviation):
      return LinearLayer(inputs: shape.channels, outputs: outputs ?? classes, hasBias: hasBias, deviation: deviation)
    case .dropout(let rate): return DropoutLayer(rate: rate)
    case .residual: preconditionFailure("a residual layer is built by its chains")
    }
  }

  private func shape(after module: any Module, named name: String) throws(ShapeError) -> Shape {
    if let known = shape.known { return Shape(try module.outputShape(of: known, named: name).limited(named: name)) }
    let channels = shape.channels
    switch module {
    case let layer as ConvolutionLayer: return .maps(nil, channels: layer.outputs)
    case let layer as ROIPoolLayer:
      return .maps(Extent(height: layer.pool.height, width: layer.pool.width), channels: channels)
    case is GlobalAveragePoolingLayer: return .rows(channels)
    case is AverageMaximumPoolingLayer: return .rows(2 * channels)
    case is FlattenLayer:
      throw ShapeError(
        problem: "layer \(name) gets maps whose extent depends on the image; put a roi-pool before it, "
          + "or give the images' side length as network.size")
    case is LinearLayer, is UnitLengthLayer:
      throw ShapeError(
        problem: "layer \(name) gets maps of \(channels) channels, expected rows; put a flatten or a "
          + "global-average-pooling before it")
    default: return shape
    }
  }
}
