import Layers
import Tensors

extension NetworkDescription.Preset {
  /// torchvision's GoogLeNet: batch normalization after each convolution, 3×3 kernels where the paper has 5×5.
  var googlenet: [LayerDescription] {
    var layers =
      block("features.conv1", 64, kernel: 7, stride: 2, padding: 3) + [pooling(1)]
      + block("features.conv2", 64) + block("features.conv3", 192, kernel: 3, padding: 1) + [pooling(2)]
    // The outputs of the 1×1 branch, of both convolutions of the next two, and of the one after pooling.
    let modules: [(name: String, outputs: [Int])] = [
      ("3a", [64, 96, 128, 16, 32, 32]), ("3b", [128, 128, 192, 32, 96, 64]),
      ("4a", [192, 96, 208, 16, 48, 64]), ("4b", [160, 112, 224, 24, 64, 64]), ("4c", [128, 128, 256, 24, 64, 64]),
      ("4d", [112, 144, 288, 32, 64, 64]), ("4e", [256, 160, 320, 32, 128, 128]),
      ("5a", [256, 160, 320, 32, 128, 128]), ("5b", [384, 192, 384, 48, 128, 128]),
    ]
    for (name, outputs) in modules {
      layers.append(inception("inception\(name)", outputs))
      if name == "3b" { layers.append(pooling(3)) }
      if name == "4e" { layers.append(pooling(4)) }
    }
    return layers
  }

  private func inception(_ name: String, _ outputs: [Int]) -> LayerDescription {
    let branches = [
      block("\(name)_branch1", outputs[0]),
      block("\(name)_branch2_0", outputs[1]) + block("\(name)_branch2_1", outputs[2], kernel: 3, padding: 1),
      block("\(name)_branch3_0", outputs[3]) + block("\(name)_branch3_1", outputs[4], kernel: 3, padding: 1),
      [LayerDescription("\(name)_branch4_0", MaxPoolingLayer(size: 3, stride: 1, padding: 1, ceilMode: true))]
        + block("\(name)_branch4_1", outputs[5]),
    ]
    return LayerDescription("features.\(name)", ConcatenationLayer(branches: branches))
  }

  /// A convolution without bias, its normalization and ReLU.
  private func block(
    _ name: String, _ outputs: Int, kernel: Int = 1, stride: Int = 1, padding: Padding = 0
  ) -> [LayerDescription] {
    [
      .convolution(
        "\(name)_conv", outputs: outputs, kernel: kernel, stride: stride, padding: padding, hasBias: false),
      LayerDescription("\(name)_bn", BatchNormalizationLayer(epsilon: 1e-3)), .relu("\(name)_relu"),
    ]
  }

  private func pooling(_ number: Int) -> LayerDescription {
    LayerDescription(
      "features.maxpool\(number)", MaxPoolingLayer(size: number == 4 ? 2 : 3, stride: 2, ceilMode: true))
  }
}
