package import Layers
internal import Storage

extension NetworkDescription {
  /// The description with the model of a Keras file written out as its layers.
  /// - Throws: `StorageError` where the file cannot be read or has layers that are not known.
  package func resolved() throws -> NetworkDescription {
    guard case .keras(let path) = source else { return self }
    let model = try KerasModel(opening: path)
    return NetworkDescription(layers: model.layers, size: model.size, head: head)
  }
}
