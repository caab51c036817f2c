import Autodiff
import Kernels

/// Average pooling of maps over square windows.
package struct AveragePoolingLayer: Layer {
  /// `average-pooling` in a configuration.
  package static let kind = "average-pooling"

  /// The side of the window, in positions.
  package var size: Int
  /// The distance of two windows, in positions.
  package var stride: Int

  private enum CodingKeys: String, CodingKey { case size, stride }

  /// Average pooling over windows of `size`² positions; default stride: the size.
  package init(size: Int, stride: Int? = nil) { (self.size, self.stride) = (size, stride ?? size) }

  /// Decodes `size` (default 2) and `stride` (default: the size).
  ///
  /// - Throws: `DecodingError` for a number outside 1 … 1024.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let size = try values.integer(.size, in: 1...1024, or: 2)
    self.init(size: size, stride: try values.integer(.stride, in: 1...1024, or: size))
  }

  /// In a table of layers: window and stride.
  package var title: String { "average pooling \(size) / \(stride)" }
  /// True: maps to maps.
  package var isSpatial: Bool { true }

  /// Maps of floor((extent − size) / stride) + 1 positions, with the channels of the input.
  ///
  /// - Throws: `ShapeError` for features, or if the map is smaller than the window.
  package func outputShape(of input: ActivationShape, named name: String) throws(ShapeError) -> ActivationShape {
    try input.pooled(by: size, named: name) { pooling.output(of: $0) }
  }

  /// The mean of each window; see `Kernels.AveragePooling`.
  package func forward(_ input: Activation, _ context: ForwardContext) -> Activation {
    .maps(context.tape.averagePooling(input.maps(context), pooling))
  }

  private var pooling: Kernels.AveragePooling { Kernels.AveragePooling(size: size, stride: stride) }
}
