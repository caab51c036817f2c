package import Layers
internal import Storage

extension NetworkDescription {
  /// The description with all that it leaves to others written out: the layers of a Keras file, a preset's own head.
  /// - Throws: `StorageError` where the file cannot be read or has layers that are not known.
  package func resolved() throws -> NetworkDescription {
    switch source {
    case .layers: return self
    case .preset(let preset): return NetworkDescription(preset: preset, head: head)
    case .keras(let path):
      let model = try KerasModel(opening: path)
      return NetworkDescription(layers: model.layers, size: model.size, head: head)
    }
  }
}
