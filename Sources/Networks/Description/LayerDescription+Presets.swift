import Kernels
package import Layers
package import Tensors

/// Short forms of the layers in presets and heads.
extension LayerDescription {
  /// A convolution with a square kernel.
  package static func convolution(
    _ name: String, outputs: Int?, kernel: Int, stride: Int = 1, padding: Padding = 0, groups: Int = 1,
    hasBias: Bool = true,
    standardDeviation: Float? = nil
  ) -> LayerDescription {
    LayerDescription(
      name,
      ConvolutionLayer(
        outputs: outputs, kernel: Extent(height: kernel, width: kernel), stride: stride, padding: padding,
        groups: groups, hasBias: hasBias, standardDeviation: standardDeviation))
  }

  /// Batch normalization with torch's defaults.
  package static func normalization(_ name: String) -> LayerDescription {
    LayerDescription(name, BatchNormalizationLayer())
  }

  /// A ReLU.
  package static func relu(_ name: String) -> LayerDescription { LayerDescription(name, ReLULayer()) }

  /// Max pooling with size and stride 2, which halves a map.
  package static func halving(_ name: String) -> LayerDescription {
    LayerDescription(name, MaxPoolingLayer(size: 2))
  }

  /// A fully connected layer.
  package static func linear(
    _ name: String, outputs: Int?, hasBias: Bool = true, standardDeviation: Float? = nil
  ) -> LayerDescription {
    LayerDescription(
      name, LinearLayer(outputs: outputs, hasBias: hasBias, standardDeviation: standardDeviation))
  }
}
