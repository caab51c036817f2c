import Kernels
import Layers

extension NetworkDescription {
  /// The built-in networks.
  package enum Preset: String, Codable, Sendable, CaseIterable {
    /// 3×3 convolutions 16-16-pool-32-32-pool with batch normalization.
    case smallVGG = "small-vgg"
    /// 8, 10, 13 and 16 3×3 convolutions, without the last pooling (Simonyan, Zisserman 2014, A, B, D and E).
    case vgg11, vgg13, vgg16, vgg19
    /// Two 5×5 convolutions of 20 and 50 channels, each with max pooling (LeCun et al. 1998, as in Caffe's example).
    case lenet
    /// Residual blocks of two 3×3 convolutions in four stages (He et al. 2016, as in torchvision).
    case resnet18
  }
}

extension NetworkDescription.Preset {
  /// The head of the published network.
  package var head: NetworkDescription.Head {
    switch self {
    case .smallVGG: .init(kind: .fc, width: 256, depth: 2)
    case .vgg11, .vgg13, .vgg16, .vgg19: .init(kind: .fc, width: 4096, depth: 2)
    case .lenet: .init(kind: .fc, width: 500, depth: 1, dropout: 0)
    case .resnet18: .init(kind: .gap)
    }
  }

  /// The backbone, from images to the feature maps that the head gets.
  ///
  /// Names are those of weight files: `block1_conv1` for VGG as in Keras, for ResNet as in torch with `_` for its dots.
  var backbone: [LayerDescription] {
    switch self {
    case .smallVGG: smallVGG
    case .vgg11: vgg([1, 1, 2, 2, 2])
    case .vgg13: vgg([2, 2, 2, 2, 2])
    case .vgg16: vgg([2, 2, 3, 3, 3])
    case .vgg19: vgg([2, 2, 4, 4, 4])
    case .lenet:
      [
        .convolution("features.conv1", outputs: 20, kernel: 5), .halving("features.pool1"),
        .convolution("features.conv2", outputs: 50, kernel: 5), .halving("features.pool2"),
      ]
    case .resnet18: resnet18
    }
  }

  /// The top of the published network.
  var top: Top {
    switch self {
    case .smallVGG: Top(hidden: [("fc6", 256), ("fc7", 256)], from: 6, classifier: "classifier")
    case .vgg11, .vgg13, .vgg16, .vgg19:
      Top(
        hidden: [("fc1", 4096), ("fc2", 4096)], classifier: "predictions", pooling: .halving("head.block5_pool"))
    case .lenet: Top(grid: 4, hidden: [("ip1", 500)], prefix: "ip", classifier: "ip2")
    case .resnet18: Top(hidden: [("fc6", 4096), ("fc7", 4096)], from: 6, classifier: "fc")
    }
  }

  private var smallVGG: [LayerDescription] {
    [[16, 16], [32, 32]].enumerated().flatMap { block, widths in
      widths.enumerated().flatMap { index, outputs in
        let suffix = "\(block + 1)_\(index + 1)"
        return [
          LayerDescription.convolution(
            "features.conv\(suffix)", outputs: outputs, kernel: 3, padding: 1, hasBias: false),
          .normalization("features.norm\(suffix)"), .relu("features.relu\(suffix)"),
        ]
      } + [.halving("features.pool\(block + 1)")]
    }
  }

  private func vgg(_ counts: [Int]) -> [LayerDescription] {
    var layers: [LayerDescription] = []
    for (block, (count, outputs)) in zip(counts, [64, 128, 256, 512, 512]).enumerated() {
      let name = "features.block\(block + 1)"
      for index in 1...count {
        layers.append(.convolution("\(name)_conv\(index)", outputs: outputs, kernel: 3, padding: 1))
        layers.append(.relu("\(name)_relu\(index)"))
      }
      if block < counts.count - 1 { layers.append(.halving("\(name)_pool")) }
    }
    return layers
  }

  private var resnet18: [LayerDescription] {
    var layers: [LayerDescription] = [
      .convolution("features.conv1", outputs: 64, kernel: 7, stride: 2, padding: 3, hasBias: false),
      .normalization("features.bn1"), .relu("features.relu"),
      LayerDescription("features.maxpool", MaxPoolingLayer(size: 3, stride: 2, padding: 1)),
    ]
    for (stage, outputs) in [64, 128, 256, 512].enumerated() {
      for index in 0..<2 {
        let name = "layer\(stage + 1)_\(index)"
        let shrinks = stage > 0 && index == 0
        let main: [LayerDescription] = [
          .convolution(
            "\(name)_conv1", outputs: outputs, kernel: 3, stride: shrinks ? 2 : 1, padding: 1, hasBias: false),
          .normalization("\(name)_bn1"), .relu("\(name)_relu1"),
          .convolution("\(name)_conv2", outputs: outputs, kernel: 3, padding: 1, hasBias: false),
          .normalization("\(name)_bn2"),
        ]
        let shortcut: [LayerDescription] = [
          .convolution("\(name)_downsample_0", outputs: outputs, kernel: 1, stride: 2, hasBias: false),
          .normalization("\(name)_downsample_1"),
        ]
        layers.append(
          LayerDescription("features.\(name)", ResidualLayer(layers: main, shortcut: shrinks ? shortcut : [])))
        layers.append(.relu("features.\(name)_relu2"))
      }
    }
    return layers
  }
}
