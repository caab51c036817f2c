package import Layers

/// A named output beside the head: a chain of layers that begins where the shared trunk ends.
package struct OutputDescription: Codable, Sendable, Equatable {
  package var name: String
  package var layers: [LayerDescription]

  package init(_ name: String, _ layers: [LayerDescription]) { (self.name, self.layers) = (name, layers) }
}
