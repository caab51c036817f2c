internal import Kernels
package import Layers
package import Tensors

/// A network as data: what a configuration says of it.
///
/// One of `preset`, `layers` or `keras` says where its layers come from, and `head` what is put on their backbone. Each of
/// `outputs` is one more chain on what is then shared: on the backbone where there is a head, which is the output `main`,
/// and on all layers of a list otherwise.
package struct NetworkDescription: Sendable, Equatable {
  /// Where the layers come from.
  package enum Source: Sendable, Equatable {
    case preset(Preset)
    /// A list, and the images' extent where its layers need to know it.
    case layers([LayerDescription], size: Extent?)
    /// The model of a Keras file, which is to be read first.
    case keras(path: String)
  }

  package var source: Source
  /// What stands on the backbone; `nil` keeps a list's own top.
  package var head: Head?
  /// Named outputs beside the head, or on a list without one.
  package var outputs: [OutputDescription] = []
  /// Channels of the images whose feature maps the network is fed: its backbone was applied before, and it is a head
  /// alone. Not a part of the description as data; `nil` where it is fed images.
  package private(set) var imageChannels: Int?

  /// The head alone, for feature maps that the backbone made of images with so many channels.
  package func onFeatures(imageChannels: Int) -> NetworkDescription {
    var result = self
    result.imageChannels = imageChannels
    return result
  }

  /// The backbone alone.
  package var backbone: NetworkDescription {
    var result = self
    (result.head, result.outputs) = (Head(kind: .none), [])
    return result
  }

  /// A preset with a head, its own unless told otherwise.
  package init(preset: Preset = .smallVGG, head: Head? = nil) {
    source = .preset(preset)
    self.head = (head ?? preset.head).filled(from: preset)
  }

  /// A list of layers; a head replaces what comes after its last map.
  package init(layers: [LayerDescription], size: Extent? = nil, head: Head? = nil) {
    source = .layers(layers, size: size)
    self.head = head
  }

  /// The model of a Keras file; a head replaces what comes after its last map.
  package init(keras path: String, head: Head? = nil) {
    source = .keras(path: path)
    self.head = head
  }

  /// What is wrong with the numbers, or `nil`.
  package var problem: String? { head?.problem }
}
