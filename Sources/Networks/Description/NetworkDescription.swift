package import Kernels
package import Layers

/// A network as data: what a configuration says of it.
///
/// One of `preset`, `layers` or `keras` says where its layers come from, and `head` what is put on their backbone. Each of
/// `outputs` is one more chain on what is then shared: on the backbone where there is a head, which is the output `main`,
/// and on all layers of a list otherwise.
package struct NetworkDescription: Codable, Sendable, Equatable {
  /// Where the layers come from.
  package enum Source: Sendable, Equatable {
    case preset(Preset)
    /// A list, and the images' extent where its layers need to know it.
    case layers([LayerDescription], size: Extent?)
    /// The model of a Keras file, which is to be read first.
    case keras(path: String)
  }

  package var source: Source
  /// What stands on the backbone; `nil` keeps a list's own top.
  package var head: Head?
  /// Named outputs beside the head, or on a list without one.
  package var outputs: [OutputDescription] = []
  /// Channels of the images whose feature maps the network is fed: its backbone was applied before, and it is a head
  /// alone. Not a part of the description as data; `nil` where it is fed images.
  package private(set) var imageChannels: Int?

  /// The head alone, for feature maps that the backbone made of images with so many channels.
  package func onFeatures(imageChannels: Int) -> NetworkDescription {
    var result = self
    result.imageChannels = imageChannels
    return result
  }

  /// The backbone alone.
  package var backbone: NetworkDescription {
    var result = self
    (result.head, result.outputs) = (Head(kind: .none), [])
    return result
  }

  /// A preset with a head, its own unless told otherwise.
  package init(preset: Preset = .smallVGG, head: Head? = nil) {
    source = .preset(preset)
    self.head = (head ?? preset.head).filled(from: preset)
  }

  /// A list of layers; a head replaces what comes after its last map.
  package init(layers: [LayerDescription], size: Extent? = nil, head: Head? = nil) {
    source = .layers(layers, size: size)
    self.head = head
  }

  /// The model of a Keras file; a head replaces what comes after its last map.
  package init(keras path: String, head: Head? = nil) {
    source = .keras(path: path)
    self.head = head
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let sources: [CodingKeys] = [.preset, .layers, .keras]
    let given = sources.filter { values.contains($0) }
    guard given.count <= 1 else {
      throw DecodingError.dataCorruptedError(
        forKey: given[1], in: values, debugDescription: "\(given[0].rawValue) is there too; expected one of both")
    }
    let head = try values.decodeIfPresent(Head.self, forKey: .head)
    switch given.first {
    case .layers:
      let layers = try values.decode([LayerDescription].self, forKey: .layers)
      guard !layers.isEmpty else {
        throw DecodingError.dataCorruptedError(
          forKey: .layers, in: values, debugDescription: "expected a layer or more")
      }
      let size = values.contains(.size) ? try values.extent(.size, in: 1...65_536) : nil
      self.init(layers: layers, size: size, head: head)
    case .keras: self.init(keras: try values.decode(String.self, forKey: .keras), head: head)
    default:
      let preset = try values.decodeIfPresent(Preset.self, forKey: .preset) ?? .smallVGG
      self.init(preset: preset, head: head)
    }
    outputs = try values.decodeIfPresent([OutputDescription].self, forKey: .outputs) ?? []
    let names = outputs.map(\.name) + (self.head == nil ? [] : [NetworkOutputs.main])
    guard Set(names).count == names.count else {
      throw DecodingError.dataCorruptedError(
        forKey: .outputs, in: values,
        debugDescription: "expected outputs of different names; a head's is \(NetworkOutputs.main)")
    }
  }

  package func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    switch source {
    case .preset(let preset): try values.encode(preset, forKey: .preset)
    case .keras(let path): try values.encode(path, forKey: .keras)
    case .layers(let layers, let size):
      try values.encodeIfPresent(size, forKey: .size)
      try values.encode(layers, forKey: .layers)
    }
    try values.encodeIfPresent(head, forKey: .head)
    if !outputs.isEmpty { try values.encode(outputs, forKey: .outputs) }
  }

  enum CodingKeys: String, CodingKey { case preset, size, layers, keras, head, outputs }

  /// What is wrong with the numbers, or `nil`.
  package var problem: String? { head?.problem }

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
