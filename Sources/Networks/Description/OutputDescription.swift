package import Layers

/// A named output: a chain of layers on the shared trunk.
package struct OutputDescription: Codable, Sendable, Equatable {
  /// The name that tasks read the output by.
  package var name: String
  /// The chain; its first layer gets the output of the trunk.
  package var layers: [LayerDescription]

  /// An output of these layers.
  package init(_ name: String, _ layers: [LayerDescription]) { (self.name, self.layers) = (name, layers) }
}
