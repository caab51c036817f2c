internal import Autodiff
internal import Kernels
package import Tensors

/// Max pooling of maps over square windows.
package struct MaxPoolingLayer: Layer {
  /// `max-pooling` in a configuration.
  package static let kind = "max-pooling"

  /// The side of the window, in positions.
  package var size: Int
  /// The distance of two windows, in positions.
  package var stride: Int
  /// Empty positions around each map, at most size / 2 on each side.
  package var padding: Padding
  /// Whether the last window may reach beyond the padded map (torch's `ceil_mode`; Caffe always).
  package var ceilMode: Bool

  private enum CodingKeys: String, CodingKey { case size, stride, padding, ceilMode }

  /// Max pooling over windows of `size`² positions; default stride: the size.
  package init(size: Int, stride: Int? = nil, padding: Padding = 0, ceilMode: Bool = false) {
    (self.size, self.stride, self.padding, self.ceilMode) = (size, stride ?? size, padding, ceilMode)
  }

  /// Decodes `size` (default 2), `stride` (default: the size), `padding` (default 0) and `ceilMode` (default false).
  ///
  /// - Throws: `DecodingError` for a number out of range.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let size = try values.integer(.size, in: 1...1024, or: 2)
    self.init(
      size: size, stride: try values.integer(.stride, in: 1...1024, or: size),
      padding: try values.padding(.padding, in: 0...size / 2),
      ceilMode: try values.decodeIfPresent(Bool.self, forKey: .ceilMode) ?? false)
  }

  /// In a table of layers: window and stride.
  package var title: String { "max pooling \(size) / \(stride)" }
  /// Max pooling with its window and stride.
  package var operation: LayerOperation? { .pooling(isMax: true, size: [size], stride: [stride]) }
  /// True: maps to maps.
  package var isSpatial: Bool { true }

  /// Maps with the extent of `Kernels.SlidingWindow`, with the channels of the input.
  ///
  /// - Throws: `ShapeError` for features, or if the padded map is smaller than the window.
  package func outputShape(of input: ActivationShape, named name: String) throws(ShapeError) -> ActivationShape {
    try input.pooled(by: size, named: name) { pooling.output(of: $0) }
  }

  /// The maximum of each window; see `Kernels.MaxPooling`.
  package func forward(_ input: Activation, _ context: ForwardContext) -> Activation {
    .maps(context.tape.maxPooling(input.maps(context), pooling))
  }

  private var pooling: Kernels.MaxPooling {
    Kernels.MaxPooling(size: size, stride: stride, padding: padding, roundsUp: ceilMode)
  }
}

extension ActivationShape {
  /// The maps after pooling over square windows.
  ///
  /// - Throws: `ShapeError` for features, or if no window fits.
  func pooled(
    by size: Int, named name: String, _ output: (Extent) -> Extent
  ) throws(ShapeError) -> ActivationShape {
    guard case .maps(let extent, let channels) = self, extent.map({ output($0).area > 0 }) ?? true else {
      throw ShapeError(name, gets: self, expected: "maps of at least \(size) × \(size) positions")
    }
    return .maps(extent.map(output), channels: channels)
  }
}
