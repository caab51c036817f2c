import Autodiff
import Kernels
import Tensors

/// Max pooling of maps over square windows.
package struct MaxPoolingLayer: Layer {
  /// `max-pooling` in a configuration.
  package static let kind = "max-pooling"

  /// The side of the window, in positions.
  package var size: Int
  /// The distance of two windows, in positions.
  package var stride: Int
  /// Empty positions on each side, at most size / 2.
  package var padding: Int

  private enum CodingKeys: String, CodingKey { case size, stride, padding }

  /// Max pooling over windows of `size`² positions; default stride: the size.
  package init(size: Int, stride: Int? = nil, padding: Int = 0) {
    (self.size, self.stride, self.padding) = (size, stride ?? size, padding)
  }

  /// Decodes `size` (default 2), `stride` (default: the size) and `padding` (default 0).
  ///
  /// - Throws: `DecodingError` for a number out of range.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let size = try values.integer(.size, in: 1...1024, or: 2)
    self.init(
      size: size, stride: try values.integer(.stride, in: 1...1024, or: size),
      padding: try values.integer(.padding, in: 0...size / 2, or: 0))
  }

  /// In a table of layers: window and stride.
  package var title: String { "max pooling \(size) / \(stride)" }
  /// True: maps to maps.
  package var isSpatial: Bool { true }

  /// Maps of floor((extent + 2·padding − size) / stride) + 1 positions, with the channels of the input.
  ///
  /// - Throws: `ShapeError` for features, or if the padded map is smaller than the window.
  package func outputShape(of input: ActivationShape, named name: String) throws(ShapeError) -> ActivationShape {
    try input.pooled(by: size, named: name) { pooling.output(of: $0) }
  }

  /// The maximum of each window; see `Kernels.MaxPooling`.
  package func forward(_ input: Activation, _ context: ForwardContext) -> Activation {
    .maps(context.tape.maxPooling(input.maps(context), pooling))
  }

  private var pooling: Kernels.MaxPooling { Kernels.MaxPooling(size: size, stride: stride, padding: padding) }
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
