import Layers
import Tensors

extension NetworkDescription.Preset {
  /// Keras's MobileNet of full width: after the first convolution, pairs of a depthwise and a 1×1 convolution.
  var mobilenet: [LayerDescription] {
    // The zeros that "same" and Keras's own padding put after an even map.
    let odd = Padding(top: 0, left: 0, bottom: 1, right: 1)
    var layers = normalized(
      .convolution("features.conv1", outputs: 32, kernel: 3, stride: 2, padding: odd, hasBias: false))
    var inputs = 32
    let outputs = [64, 128, 128, 256, 256] + [Int](repeating: 512, count: 6) + [1024, 1024]
    for (index, outputs) in outputs.enumerated() {
      let stride = [1, 3, 5, 11].contains(index) ? 2 : 1
      layers += normalized(
        .convolution(
          "features.conv_dw_\(index + 1)", outputs: inputs, kernel: 3, stride: stride, padding: stride == 2 ? odd : 1,
          groups: inputs, hasBias: false))
      layers += normalized(
        .convolution("features.conv_pw_\(index + 1)", outputs: outputs, kernel: 1, hasBias: false))
      inputs = outputs
    }
    return layers
  }

  private func normalized(_ convolution: LayerDescription) -> [LayerDescription] {
    [
      convolution,
      LayerDescription("\(convolution.name)_bn", BatchNormalizationLayer(epsilon: 1e-3, momentum: 0.01)),
      LayerDescription("\(convolution.name)_relu", ReLULayer(maximum: 6)),
    ]
  }
}
