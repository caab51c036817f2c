import Autodiff
import Kernels

/// Average pooling of maps over square windows.
package struct AveragePoolingLayer: Layer {
  package static let kind = "average-pooling"

  package var size: Int
  package var stride: Int

  private enum CodingKeys: String, CodingKey { case size, stride }

  /// - Parameter stride: the window's size unless given.
  package init(size: Int, stride: Int? = nil) { (self.size, self.stride) = (size, stride ?? size) }

  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let size = try values.integer(.size, in: 1...1024, or: 2)
    self.init(size: size, stride: try values.integer(.stride, in: 1...1024, or: size))
  }

  package var title: String { "average pooling \(size) / \(stride)" }
  package var isSpatial: Bool { true }

  package func outputShape(of input: ActivationShape, named name: String) throws(ShapeError) -> ActivationShape {
    try input.pooled(by: size, named: name) { pooling.output(of: $0) }
  }

  package func forward(_ input: Activation, _ context: ForwardContext) -> Activation {
    .maps(context.tape.averagePooling(input.maps(context), pooling))
  }

  private var pooling: Kernels.AveragePooling { Kernels.AveragePooling(size: size, stride: stride) }
}
