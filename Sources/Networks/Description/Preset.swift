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
    /// Five convolutions, then fully connected layers (Krizhevsky 2014, as in torchvision).
    case alexnet
    /// AlexNet with two groups and local response normalization after pooling (Krizhevsky et al. 2012, as in Caffe).
    case caffenet
    /// Nine inception modules with batch normalization (Szegedy et al. 2015, as in torchvision, without auxiliary heads).
    case googlenet
    /// Fire modules of 1×1 and 3×3 convolutions (Iandola et al. 2016, both releases).
    case squeezenet10 = "squeezenet1.0"
    case squeezenet11 = "squeezenet1.1"
    /// Residual blocks of two 3×3 convolutions in four stages (He et al. 2016, as in torchvision).
    case resnet18, resnet34
    /// Residual blocks of 1×1, 3×3 and 1×1 convolutions, the stride in the 3×3 (He et al. 2016, as in torchvision).
    case resnet50, resnet101
    /// Depthwise and 1×1 convolutions in turn, with ReLU6 (Howard et al. 2017, full width, as in Keras).
    case mobilenetV1 = "mobilenet-v1"
  }
}

extension NetworkDescription.Preset {
  /// The head of the published network.
  package var head: NetworkDescription.Head {
    switch self {
    case .smallVGG: .init(kind: .fc, width: 256, depth: 2)
    case .vgg11, .vgg13, .vgg16, .vgg19, .alexnet, .caffenet: .init(kind: .fc, width: 4096, depth: 2)
    case .lenet: .init(kind: .fc, width: 500, depth: 1, dropout: 0)
    case .squeezenet10, .squeezenet11: .init(kind: .convolutionGAP)
    case .googlenet, .resnet18, .resnet34, .resnet50, .resnet101, .mobilenetV1: .init(kind: .gap)
    }
  }

  /// The backbone, from images to the feature maps that the head gets.
  ///
  /// Names are those of weight files, with `_` for dots and slashes: Keras's for VGG and MobileNet, Caffe's for AlexNet and
  /// SqueezeNet, torch's for GoogLeNet and ResNet.
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
    case .alexnet: alexnet
    case .caffenet: caffenet
    case .googlenet: googlenet
    case .squeezenet10: squeezenet(first: (96, 7), poolingAfter: [4, 8])
    case .squeezenet11: squeezenet(first: (64, 3), poolingAfter: [3, 5])
    case .resnet18: resnet([2, 2, 2, 2], isBottleneck: false)
    case .resnet34: resnet([3, 4, 6, 3], isBottleneck: false)
    case .resnet50: resnet([3, 4, 6, 3], isBottleneck: true)
    case .resnet101: resnet([3, 4, 23, 3], isBottleneck: true)
    case .mobilenetV1: mobilenet
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
    case .alexnet, .caffenet:
      // ROIPool to 6 × 6 of the 13 × 13 map has the windows of the last pooling.
      Top(
        grid: 6, hidden: [("fc6", 4096), ("fc7", 4096)], from: 6, classifier: "fc8",
        pooling: LayerDescription("head.pool5", MaxPoolingLayer(size: 3, stride: 2)))
    case .squeezenet10, .squeezenet11: Top(hidden: [("fc6", 4096), ("fc7", 4096)], from: 6, classifier: "conv10")
    case .googlenet, .resnet18, .resnet34, .resnet50, .resnet101:
      Top(hidden: [("fc6", 4096), ("fc7", 4096)], from: 6, classifier: "fc")
    case .mobilenetV1: Top(hidden: [("fc6", 4096), ("fc7", 4096)], from: 6, classifier: "conv_preds")
    }
  }
}
