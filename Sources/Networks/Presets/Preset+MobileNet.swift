import Layers
import Tensors

extension NetworkDescription.Preset {
  /// MobileNet v1 by Keras's names. At stride 2 zeros are below and on the right alone, as Keras pads maps of an even extent.
  var mobilenet: [LayerDescription] {
    var layers = unit(
      "conv1", ConvolutionLayer(outputs: 32, kernel: square(3), stride: 2, padding: end, hasBias: false))
    var channels = 32
    let outputs = [64, 128, 128, 256, 256, 512, 512, 512, 512, 512, 512, 1024, 1024]
    for (index, count) in outputs.enumerated() {
      let halves = [2, 4, 6, 12].contains(index + 1)
      layers += unit(
        "conv_dw_\(index + 1)",
        ConvolutionLayer(
          outputs: channels, kernel: square(3), stride: halves ? 2 : 1, padding: halves ? end : 1, groups: channels,
          hasBias: false))
      layers += unit("conv_pw_\(index + 1)", ConvolutionLayer(outputs: count, kernel: square(1), hasBias: false))
      channels = count
    }
    return layers
  }

  private var end: Padding { Padding(top: 0, left: 0, bottom: 1, right: 1) }

  private func square(_ side: Int) -> Extent { Extent(height: side, width: side) }

  /// A convolution with its normalization and ReLU6.
  private func unit(_ name: String, _ convolution: ConvolutionLayer) -> [LayerDescription] {
    [
      LayerDescription("features.\(name)", convolution),
      LayerDescription("features.\(name)_bn", BatchNormalizationLayer(epsilon: 1e-3, momentum: 0.01)),
      LayerDescription("features.\(name)_relu", ReLULayer(maximum: 6)),
    ]
  }
}
