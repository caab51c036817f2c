package import Layers
package import Tensors

/// The network of a file of another program.
package protocol ImportedModel: Sendable {
  /// The layers, in order.
  var layers: [LayerDescription] { get }
  /// The images' extent in pixels; `nil` if the model does not fix it.
  var size: Extent? { get }
  /// The images' channels; `nil` if the model does not fix them.
  var channels: Int? { get }
  /// Outputs of the last fully connected layer, which its description leaves unspecified.
  var classes: Int? { get }
  /// What prepares the images before the layers, in words.
  var preparation: [String] { get }
  /// By the names of layers of its weights that are a part of a layer here, that layer.
  var partners: [String: String] { get }
}

extension ImportedModel {
  /// Nothing by default.
  package var preparation: [String] { [] }
  /// None by default.
  package var partners: [String: String] { [:] }
}
