internal import Kernels
package import Layers
package import Support
package import Tensors

/// The `network` section of a configuration: a network as data.
///
/// One of `preset`, `layers`, `keras` and `caffe` is the source of the layers; `head` replaces the layers above their backbone. Each
/// of `outputs` is one more chain on the shared layers: on the backbone if there is a head (the output `main`), else on all
/// layers of a list.
package struct NetworkDescription: Sendable, Equatable {
  /// The source of the layers.
  package enum Source: Sendable, Equatable {
    /// A built-in network.
    case preset(Preset)
    /// A list, and the images' extent in pixels if the layers depend on it.
    case layers([LayerDescription], size: Extent?)
    /// The model of a Keras file; load it before building the network.
    case keras(path: String)
    /// The network of a Caffe `.prototxt`; load it before building the network.
    case caffe(path: String)
  }

  /// The source of the layers.
  package var source: Source
  /// The layers on top of the backbone; `nil` keeps those of a list.
  package var head: Head?
  /// Named outputs besides the head, or of a list without a head.
  package var outputs: [OutputDescription] = []
  /// The channels of the images if the network gets their feature maps, as a head without a backbone; `nil` for images.
  ///
  /// Not encoded.
  package private(set) var imageChannels: Int?
  /// What the file of the layers says besides them.
  ///
  /// Not encoded.
  package var remark = ImportRemark()

  /// The outputs of a detector besides the class scores; `nil` for other tasks.
  ///
  /// Not encoded.
  package private(set) var detector: DetectorOutputs?

  /// The network with the outputs of a detector.
  package func detecting(_ outputs: DetectorOutputs) -> NetworkDescription {
    var result = self
    result.detector = outputs
    return result
  }

  /// The head without its backbone, for feature maps of images with `imageChannels` channels.
  package func onFeatures(imageChannels: Int) -> NetworkDescription {
    var result = self
    result.imageChannels = imageChannels
    return result
  }

  /// The backbone without head and outputs.
  package var backbone: NetworkDescription {
    var result = self
    (result.head, result.outputs, result.detector) = (Head(kind: .none), [], nil)
    return result
  }

  /// A preset with a head; default: its own.
  package init(preset: Preset = .smallVGG, head: Head? = nil) {
    source = .preset(preset)
    self.head = (head ?? preset.head).filled(from: preset)
  }

  /// A list of layers; a head replaces the layers from the first on that is not spatial.
  package init(layers: [LayerDescription], size: Extent? = nil, head: Head? = nil) {
    source = .layers(layers, size: size)
    self.head = head
  }

  /// The model of a Keras file; a head replaces the layers from the first on that is not spatial.
  package init(keras path: String, head: Head? = nil) {
    source = .keras(path: path)
    self.head = head
  }

  /// The network of a Caffe `.prototxt`; a head replaces the layers from the first on that is not spatial.
  package init(caffe path: String, head: Head? = nil) {
    source = .caffe(path: path)
    self.head = head
  }

  /// The first setting out of range; `nil` if all are valid.
  package var problem: KeyProblem? { head?.problem }
}
