import Layers
import Tensors

extension NetworkDescription.Preset {
  /// Both releases of SqueezeNet, by Caffe's names: the first convolution's channels and kernel, and the fire modules before
  /// the second and third pooling.
  func squeezenet(first: (outputs: Int, kernel: Int), poolingAfter: [Int]) -> [LayerDescription] {
    var layers: [LayerDescription] = [
      .convolution("features.conv1", outputs: first.outputs, kernel: first.kernel, stride: 2),
      .relu("features.relu_conv1"), pooling(1),
    ]
    for (index, squeezed) in [16, 16, 32, 32, 48, 48, 64, 64].enumerated() {
      let number = index + 2
      layers.append(contentsOf: fire("fire\(number)", squeezed: squeezed, expanded: 4 * squeezed))
      if poolingAfter.contains(number) { layers.append(pooling(number)) }
    }
    return layers
  }

  private func fire(_ name: String, squeezed: Int, expanded: Int) -> [LayerDescription] {
    func expansion(_ kernel: Int) -> [LayerDescription] {
      [
        .convolution(
          "\(name)_expand\(kernel)x\(kernel)", outputs: expanded, kernel: kernel, padding: kernel == 3 ? 1 : 0),
        .relu("\(name)_relu_expand\(kernel)x\(kernel)"),
      ]
    }
    return [
      .convolution("features.\(name)_squeeze1x1", outputs: squeezed, kernel: 1),
      .relu("features.\(name)_relu_squeeze1x1"),
      LayerDescription("features.\(name)", ConcatenationLayer(branches: [expansion(1), expansion(3)])),
    ]
  }

  private func pooling(_ number: Int) -> LayerDescription {
    LayerDescription("features.pool\(number)", MaxPoolingLayer(size: 3, stride: 2, ceilMode: true))
  }
}
