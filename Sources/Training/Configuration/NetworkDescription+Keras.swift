package import Layers
internal import Weights

extension NetworkDescription {
  /// The description with nothing left to look up: a preset's defaults in its head, a Keras file's model as layers.
  /// - Throws: `FileError` where the file cannot be read or has layers that are not known.
  package func resolved() throws -> NetworkDescription {
    switch source {
    case .preset(let preset): return NetworkDescription(preset: preset, head: head)
    case .layers: return self
    case .keras(let path):
      let model = try KerasModel(opening: path)
      return NetworkDescription(layers: model.layers, size: model.size, head: head)
    }
  }
}
