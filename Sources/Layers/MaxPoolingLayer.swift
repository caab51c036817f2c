import Autodiff
import Kernels
import Tensors

/// Max pooling of maps over square windows.
package struct MaxPoolingLayer: Layer {
  package static let kind = "max-pooling"

  package var size: Int
  package var stride: Int
  package var padding: Int

  private enum CodingKeys: String, CodingKey { case size, stride, padding }

  /// - Parameter stride: the window's size unless given.
  package init(size: Int, stride: Int? = nil, padding: Int = 0) {
    (self.size, self.stride, self.padding) = (size, stride ?? size, padding)
  }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let size = try values.integer(.size, in: 1...1024, or: 2)
    self.init(
      size: size, stride: try values.integer(.stride, in: 1...1024, or: size),
      padding: try values.integer(.padding, in: 0...size / 2, or: 0))
  }

  package var title: String { "max pooling \(size) / \(stride)" }
  package var isSpatial: Bool { true }

  package func outputShape(of input: ActivationShape, named name: String) throws(ShapeError) -> ActivationShape {
    try input.pooled(by: size, named: name) { pooling.output(of: $0) }
  }

  package func forward(_ input: Activation, _ context: ForwardContext) -> Activation {
    .maps(context.tape.maxPooling(input.maps(context), pooling))
  }

  private var pooling: Kernels.MaxPooling { Kernels.MaxPooling(size: size, stride: stride, padding: padding) }
}

extension ActivationShape {
  /// The maps after pooling over square windows.
  ///
  /// - Throws: `ShapeError` where these are no maps, or no window fits.
  func pooled(
    by size: Int, named name: String, _ output: (Extent) -> Extent
  ) throws(ShapeError) -> ActivationShape {
    guard case .maps(let extent, let channels) = self, extent.map({ output($0).cells > 0 }) ?? true else {
      throw ShapeError(name, gets: self, expected: "maps of at least \(size) × \(size) cells")
    }
    return .maps(extent.map(output), channels: channels)
  }
}
