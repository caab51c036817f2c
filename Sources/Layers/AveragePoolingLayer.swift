internal import Autodiff
internal import Kernels
package import Tensors

/// Average pooling of maps over square windows.
package struct AveragePoolingLayer: Layer {
  /// `average-pooling` in a configuration.
  package static let kind = "average-pooling"

  /// The side of the window, in positions.
  package var size: Int
  /// The distance of two windows, in positions.
  package var stride: Int
  /// Positions around each map, at most size / 2 on each side.
  package var padding: Padding
  /// Whether the last window may reach beyond the padded map (torch's `ceil_mode`; Caffe always).
  package var ceilMode: Bool
  /// Whether zeros of the padding count in the mean (torch's `count_include_pad`; Caffe always, Keras never).
  package var countIncludePad: Bool

  private enum CodingKeys: String, CodingKey { case size, stride, padding, ceilMode, countIncludePad }

  /// Average pooling over windows of `size`² positions; default stride: the size.
  package init(
    size: Int, stride: Int? = nil, padding: Padding = 0, ceilMode: Bool = false, countIncludePad: Bool = true
  ) {
    (self.size, self.stride, self.padding) = (size, stride ?? size, padding)
    (self.ceilMode, self.countIncludePad) = (ceilMode, countIncludePad)
  }

  /// Decodes `size` (default 2), `stride` (default: the size), `padding` (0), `ceilMode` (false) and `countIncludePad` (true).
  ///
  /// - Throws: `DecodingError` for a number out of range.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let size = try values.integer(.size, in: 1...1024, or: 2)
    self.init(
      size: size, stride: try values.integer(.stride, in: 1...1024, or: size),
      padding: try values.padding(.padding, in: 0...size / 2),
      ceilMode: try values.decodeIfPresent(Bool.self, forKey: .ceilMode) ?? false,
      countIncludePad: try values.decodeIfPresent(Bool.self, forKey: .countIncludePad) ?? true)
  }

  /// In a table of layers: window and stride.
  package var title: String { "average pooling \(size) / \(stride)" }
  /// Average pooling with its window and stride.
  package var operation: LayerOperation? { .pooling(isMax: false, size: [size], stride: [stride]) }
  /// True: maps to maps.
  package var isSpatial: Bool { true }

  /// Maps with the extent of `Kernels.SlidingWindow`, with the channels of the input.
  ///
  /// - Throws: `ShapeError` for features, or if the padded map is smaller than the window.
  package func outputShape(of input: ActivationShape, named name: String) throws(ShapeError) -> ActivationShape {
    try input.pooled(by: size, named: name) { pooling.output(of: $0) }
  }

  /// The mean of each window; see `Kernels.AveragePooling`.
  package func forward(_ input: Activation, _ context: ForwardContext) -> Activation {
    .maps(context.tape.averagePooling(input.maps(context), pooling))
  }

  private var pooling: Kernels.AveragePooling {
    Kernels.AveragePooling(
      size: size, stride: stride, padding: padding, roundsUp: ceilMode, countIncludePad: countIncludePad)
  }
}
