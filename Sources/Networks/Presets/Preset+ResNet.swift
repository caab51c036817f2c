import Layers
import Tensors

extension NetworkDescription.Preset {
  /// torchvision's residual networks: blocks in each of the four stages, of two 3×3 convolutions or of a bottleneck.
  func resnet(_ counts: [Int], isBottleneck: Bool) -> [LayerDescription] {
    var layers: [LayerDescription] = [
      .convolution("features.conv1", outputs: 64, kernel: 7, stride: 2, padding: 3, hasBias: false),
      .normalization("features.bn1"), .relu("features.relu"),
      LayerDescription("features.maxpool", MaxPoolingLayer(size: 3, stride: 2, padding: 1)),
    ]
    for (stage, (count, width)) in zip(counts, [64, 128, 256, 512]).enumerated() {
      for index in 0..<count {
        let name = "layer\(stage + 1)_\(index)"
        let stride = stage > 0 && index == 0 ? 2 : 1
        let outputs = isBottleneck ? 4 * width : width
        // The input of a stage's first block has other channels or another extent.
        let shortcut: [LayerDescription] =
          index == 0 && (isBottleneck || stage > 0)
          ? [
            .convolution("\(name)_downsample_0", outputs: outputs, kernel: 1, stride: stride, hasBias: false),
            .normalization("\(name)_downsample_1"),
          ] : []
        layers.append(
          LayerDescription(
            "features.\(name)",
            ResidualLayer(
              layers: isBottleneck ? bottleneck(name, width, stride) : basic(name, width, stride), shortcut: shortcut)))
        layers.append(.relu("features.\(name)_relu\(isBottleneck ? 3 : 2)"))
      }
    }
    return layers
  }

  private func basic(_ name: String, _ width: Int, _ stride: Int) -> [LayerDescription] {
    [
      .convolution("\(name)_conv1", outputs: width, kernel: 3, stride: stride, padding: 1, hasBias: false),
      .normalization("\(name)_bn1"), .relu("\(name)_relu1"),
      .convolution("\(name)_conv2", outputs: width, kernel: 3, padding: 1, hasBias: false),
      .normalization("\(name)_bn2"),
    ]
  }

  private func bottleneck(_ name: String, _ width: Int, _ stride: Int) -> [LayerDescription] {
    [
      .convolution("\(name)_conv1", outputs: width, kernel: 1, hasBias: false),
      .normalization("\(name)_bn1"), .relu("\(name)_relu1"),
      .convolution("\(name)_conv2", outputs: width, kernel: 3, stride: stride, padding: 1, hasBias: false),
      .normalization("\(name)_bn2"), .relu("\(name)_relu2"),
      .convolution("\(name)_conv3", outputs: 4 * width, kernel: 1, hasBias: false),
      .normalization("\(name)_bn3"),
    ]
  }
}
