package import Networks
internal import Weights

extension NetworkDescription {
  /// The description with nothing left to look up: a preset's defaults in its head, the model of a Keras or Caffe file as layers.
  /// - Throws: `FileError` where the file cannot be read or has layers that are not known.
  package func resolved() throws -> NetworkDescription {
    var result =
      switch source {
      case .preset(let preset): NetworkDescription(preset: preset, head: head)
      case .layers: self
      case .keras, .caffe: try importedModel().map { NetworkDescription($0, head: head) } ?? self
      }
    result.outputs = outputs
    return result
  }

  /// The model of the file that the layers come from; nil for a preset or a list.
  ///
  /// - Throws: `FileError` where the file cannot be read or has layers that are not known.
  package func importedModel() throws -> (any ImportedModel)? {
    switch source {
    case .preset, .layers: nil
    case .keras(let path): try KerasModel(opening: path)
    case .caffe(let path): try CaffeModel(opening: path)
    }
  }

  private init(_ model: any ImportedModel, head: Head?) {
    self.init(layers: model.layers, size: model.size, head: head)
    remark = ImportRemark(preparation: model.preparation, partners: model.partners)
  }
}
