import Kernels
package import Layers
internal import Tensors

extension NetworkDescription {
  /// The network for images with `channels` channels and a number of classes.
  ///
  /// - Parameter regions: whether the images have regions; the head then pools each region to a grid.
  /// - Throws: `ShapeError` for a layer that does not accept the output of the one before it.
  package func network(channels: Int, classes: Int, regions: Bool = false) throws(ShapeError) -> Network {
    let parts = try parts(channels: channels, classes: classes)
    var builder = NetworkBuilder(channels: channels, extent: parts.size, classes: classes)
    if head == nil, imageChannels != nil {
      throw ShapeError(problem: "the network gets feature maps and has no head; add one (network.head)")
    }
    var trunk = try builder.chain(parts.backbone)
    let end = builder.shape
    var ends: [(name: String, layers: [Network.Layer], start: String?)] = []
    if let head {
      let layers = head.layers(on: parts.top, channels: end.channels, classes: classes, regions: regions)
      ends.append((NetworkOutputs.main, try builder.chain(layers).roles(), nil))
    } else if outputs.isEmpty {
      ends.append((NetworkOutputs.main, trunk.rolesOfList, nil))
      trunk = []
    } else {
      trunk = trunk.rolesOfTrunk
    }
    for output in outputs {
      builder.shape = end
      ends.append((output.name, try builder.chain(output.layers).roles(), nil))
    }
    if let detector {
      guard let main = ends.first, head != nil else {
        throw ShapeError(problem: "a detector's class scores need a head; add one (network.head)")
      }
      for output in try detector.outputs(on: main.layers.map(\.description)) {
        let built = ends.flatMap(\.layers)
        builder.shape = output.start.flatMap { path in built.first { $0.path == path }?.output } ?? end
        ends.append((output.name, try builder.chain(output.layers).roles(), output.start))
      }
    }
    var network = Network(trunk: trunk, outputs: ends)
    if case .preset(let preset) = source { network.namings = preset.namings }
    (network.preparation, network.partners) = (remark.preparation, remark.partners)
    try require(network, classes: classes, regions: regions)
    return network
  }

  /// Throws if the network as a whole does not fit its task, although its layers fit each other.
  private func require(_ network: Network, classes: Int, regions: Bool) throws(ShapeError) {
    if head == nil, regions, !network.layers.contains(where: \.layer.poolsRegions) {
      throw ShapeError(
        problem: "the images have regions, but the network has no roi-pool; add one to its layers or add a head"
      )
    }
    let names = network.layers.flatMap(\.description.names)
    if let name = names.first(where: { name in names.count { $0 == name } > 1 }) {
      throw ShapeError(problem: "two layers are named \(name); the last parts of their paths must differ")
    }
    if head == nil, let main = network.main, case .features(let scores)? = network.layers[main.range].last?.output,
      scores != classes
    {
      throw ShapeError(
        problem:
          "the network ends in \(scores) outputs, and there are \(classes) classes; leave outputs of its last "
          + "layer unspecified, or add a head")
    }
  }

  /// The layers below the head, the top of the source model, and the images' extent if it is fixed.
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
    case .keras(let path), .caffe(let path): throw ShapeError(problem: "the model in \(path) is not loaded")
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
  /// The top of a list that a head replaces: the names and widths of its fully connected layers.
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
