import Kernels

/// A network as data: what a configuration says of it.
package struct NetworkDescription: Codable, Sendable, Equatable {
  /// The backbones that can be named.
  package enum Preset: String, Codable, Sendable, CaseIterable {
    /// 3×3 convolutions 16-16-pool-32-32-pool with batch normalisation.
    case smallVGG = "small-vgg"
  }

  /// What stands on the backbone.
  package struct Head: Codable, Sendable, Equatable {
    package enum Kind: String, Codable, Sendable, CaseIterable {
      /// ROIPool to 7×7, `depth` fully connected layers of `width`, classifier.
      case fc
      /// Global average pooling, classifier.
      case gap
    }

    package var kind: Kind
    package var width: Int
    package var depth: Int
    package var dropout: Double

    package init(kind: Kind, width: Int = 256, depth: Int = 2, dropout: Double = 0.5) {
      self.kind = kind
      self.width = width
      self.depth = depth
      self.dropout = dropout
    }

    package init(from decoder: any Decoder) throws {
      let values = try decoder.container(keyedBy: CodingKeys.self)
      self.init(kind: try values.decodeIfPresent(Kind.self, forKey: .kind) ?? .fc)
      guard kind == .fc else { return }
      width = try values.decodeIfPresent(Int.self, forKey: .width) ?? width
      depth = try values.decodeIfPresent(Int.self, forKey: .depth) ?? depth
      dropout = try values.decodeIfPresent(Double.self, forKey: .dropout) ?? dropout
    }

    package func encode(to encoder: any Encoder) throws {
      var values = encoder.container(keyedBy: CodingKeys.self)
      try values.encode(kind, forKey: .kind)
      guard kind == .fc else { return }
      try values.encode(width, forKey: .width)
      try values.encode(depth, forKey: .depth)
      try values.encode(dropout, forKey: .dropout)
    }

    enum CodingKeys: String, CodingKey { case kind, width, depth, dropout }
  }

  package var preset: Preset
  package var head: Head

  package init(preset: Preset = .smallVGG, head: Head = Head(kind: .fc)) {
    self.preset = preset
    self.head = head
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    preset = try values.decodeIfPresent(Preset.self, forKey: .preset) ?? .smallVGG
    head = try values.decodeIfPresent(Head.self, forKey: .head) ?? Head(kind: .fc)
  }

  enum CodingKeys: String, CodingKey { case preset, head }

  /// What is wrong with the numbers, or `nil`.
  package var problem: String? {
    if head.width < 1 { return "network.head.width is \(head.width); expected 1 or more" }
    if !(0...8).contains(head.depth) { return "network.head.depth is \(head.depth); expected 0 to 8" }
    if !(head.dropout >= 0 && head.dropout < 1) {
      return "network.head.dropout is \(head.dropout); expected 0 or more and below 1"
    }
    return nil
  }

  /// The network for images of `channels` and a number of classes.
  ///
  /// Without `regions` a GAP head averages the whole map; with them it averages each region's 7×7 grid.
  package func network(channels: Int, classes: Int, regions: Bool = false) -> Network {
    let (layers, features) = backbone(channels: channels)
    return Network(layers + self.head(features: features, classes: classes, regions: regions))
  }

  private func backbone(channels: Int) -> ([Network.Layer], features: Int) {
    var layers: [Network.Layer] = []
    var inputs = channels
    for (block, widths) in [[16, 16], [32, 32]].enumerated() {
      for (index, outputs) in widths.enumerated() {
        let suffix = "\(block + 1)_\(index + 1)"
        let kernel = Kernels.Convolution(kernelHeight: 3, kernelWidth: 3, padding: 1)
        layers += [
          Network.Layer(
            "features.conv\(suffix)",
            ConvolutionLayer(inputs: inputs, outputs: outputs, kernel: kernel, hasBias: false)),
          Network.Layer("features.norm\(suffix)", BatchNormalisationLayer(channels: outputs)),
          Network.Layer("features.relu\(suffix)", ReLULayer()),
        ]
        inputs = outputs
      }
      layers.append(
        Network.Layer("features.pool\(block + 1)", MaximumPoolingLayer(Kernels.MaximumPooling(size: 2, stride: 2))))
    }
    return (layers, inputs)
  }

  /// Fully connected layers are named as in VGG: fc6, fc7, …
  private func head(features: Int, classes: Int, regions: Bool) -> [Network.Layer] {
    let grid = 7
    let roiPool = Network.Layer("head.roi_pool", ROIPoolLayer(Kernels.ROIPool(height: grid, width: grid)))
    var layers: [Network.Layer] = []
    var inputs = features
    switch head.kind {
    case .gap:
      if regions { layers.append(roiPool) }
      layers.append(Network.Layer("head.average", GlobalAveragePoolingLayer()))
    case .fc:
      layers += [roiPool, Network.Layer("head.flatten", FlattenLayer())]
      inputs = grid * grid * features
      for number in 6..<6 + head.depth {
        layers.append(Network.Layer("head.fc\(number)", LinearLayer(inputs: inputs, outputs: head.width)))
        layers.append(Network.Layer("head.relu\(number)", ReLULayer()))
        if head.dropout > 0 {
          layers.append(Network.Layer("head.drop\(number)", DropoutLayer(rate: Float(head.dropout))))
        }
        inputs = head.width
      }
    }
    layers.append(Network.Layer("head.classifier", LinearLayer(inputs: inputs, outputs: classes, deviation: 0.01)))
    return layers
  }
}
