import Kernels
package import Layers
internal import Tensors

extension NetworkDescription {
  /// The network for images of `channels` and a number of classes.
  ///
  /// - Parameter regions: whether images have regions; each is then pooled to a grid of its own.
  /// - Throws: `ShapeError` where a layer does not fit what comes before it.
  package func network(channels: Int, classes: Int, regions: Bool = false) throws(ShapeError) -> Network {
    let parts = try parts(channels: channels, classes: classes)
    var builder = NetworkBuilder(channels: channels, extent: parts.size, classes: classes)
    if head == nil, imageChannels != nil {
      throw ShapeError(problem: "the network is fed feature maps and has no head; give it one")
    }
    var trunk = try builder.chain(parts.backbone)
    let end = builder.shape
    var ends: [(name: String, layers: [Network.Layer])] = []
    if let head {
      let layers = head.layers(on: parts.top, channels: end.channels, classes: classes, regions: regions)
      ends.append((NetworkOutputs.main, try builder.chain(layers).roles()))
    } else if outputs.isEmpty {
      ends.append((NetworkOutputs.main, trunk.rolesOfList))
      trunk = []
    } else {
      trunk = trunk.rolesOfTrunk
    }
    for output in outputs {
      builder.shape = end
      ends.append((output.name, try builder.chain(output.layers).roles()))
    }
    let network = Network(trunk: trunk, outputs: ends)
    try require(network, classes: classes, regions: regions)
    return network
  }

  /// Throws where layers fit each other and the network as a whole does not fit its task.
  private func require(_ network: Network, classes: Int, regions: Bool) throws(ShapeError) {
    if head == nil, regions, !network.layers.contains(where: \.layer.poolsRegions) {
      throw ShapeError(
        problem: "the images have regions and the network pools none; put a roi-pool among its layers or give it a head"
      )
    }
    let names = network.layers.flatMap(\.description.names)
    if let name = names.first(where: { name in names.count { $0 == name } > 1 }) {
      throw ShapeError(problem: "two layers of the network are named \(name); the last parts of paths must differ")
    }
    if head == nil, let main = network.main, case .features(let scores)? = network.layers[main.range].last?.output,
      scores != classes
    {
      throw ShapeError(
        problem:
          "the network ends in \(scores) outputs, and there are \(classes) classes; leave out the outputs of its "
          + "last layer, or give it a head")
    }
  }

  /// The layers below the head, what the source model has above them, and the images' extent if it is fixed.
  func parts(
    channels: Int, classes: Int
  ) throws(ShapeError) -> (backbone: [LayerDescription], top: Top, size: Extent?) {
    let all = try sourceParts(channels: imageChannels ?? channels, classes: classes)
    return imageChannels == nil ? all : ([], all.top, nil)
  }

  private func sourceParts(
    channels: Int, classes: Int
  ) throws(ShapeError) -> (backbone: [LayerDescription], top: Top, size: Extent?) {
    switch source {
    case .preset(let preset): return (preset.backbone, preset.top, nil)
    case .keras(let path): throw ShapeError(problem: "the model in \(path) has not been read")
    case .layers(let layers, let size):
      guard head != nil else { return (layers, Top(of: layers[...]), size) }
      let backbone = layers.prefix(while: \.layer.isSpatial)
      var top = Top(of: layers[backbone.endIndex...])
      var builder = NetworkBuilder(channels: channels, extent: size, classes: classes)
      _ = try builder.chain(Array(backbone))
      if case .maps(let extent?, _) = builder.shape { top.grid = extent }
      if let pool = layers.dropFirst(backbone.count).first?.layer as? ROIPoolLayer { top.grid = pool.grid }
      return (Array(backbone), top, size)
    }
  }
}

extension Top {
  /// The top of a list that is cut off: names and widths of its fully connected layers.
  init(of layers: ArraySlice<LayerDescription>) {
    var names: [(name: String, width: Int?)] = []
    for layer in layers {
      if let linear = layer.layer as? LinearLayer { names.append((layer.lastName, linear.outputs)) }
    }
    let classifier = names.popLast()
    let linear = names.compactMap { name, width in width.map { (name: name, width: $0) } }
    self.init(hidden: linear, classifier: classifier?.name ?? "classifier")
  }
}
