package import Networks
internal import Weights

extension NetworkDescription {
  /// The description with nothing left to look up: a preset's defaults in its head, a Keras file's model as layers.
  /// - Throws: `FileError` where the file cannot be read or has layers that are not known.
  package func resolved() throws -> NetworkDescription {
    var result =
      switch source {
      case .preset(let preset): NetworkDescription(preset: preset, head: head)
      case .layers: self
      case .keras(let path): NetworkDescription(try KerasModel(opening: path), head: head)
      }
    result.outputs = outputs
    return result
  }

  private init(_ model: KerasModel, head: Head?) {
    self.init(layers: model.layers, size: model.size, head: head)
  }
}
