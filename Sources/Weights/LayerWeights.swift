package import Support
package import Tensors

/// A layer's tensors in our own layout, on their way into a file.
package struct LayerWeights: Sendable, Equatable {
  /// Name in the file.
  package var name: String
  /// Kinds (`weight`, `bias`, `scale`, `offset`, `mean`, `variance` or others) with their tensors.
  package var tensors: [(kind: String, tensor: Tensor)]

  /// A layer with its tensors.
  package init(name: String, tensors: [(kind: String, tensor: Tensor)]) {
    self.name = name
    self.tensors = tensors
  }

  /// Whether names, kinds and tensors are equal, in the same order.
  package static func == (left: LayerWeights, right: LayerWeights) -> Bool {
    left.name == right.name && left.tensors.elementsEqual(right.tensors) { $0 == $1 }
  }

  /// The tensor of a kind.
  subscript(role: TensorRole) -> Tensor? { tensors.first { $0.kind == role.rawValue }?.tensor }

  /// The layers of parameters, under the last part of their paths or under their whole paths.
  ///
  /// - Throws: `FileError` where a name has no layer or two layers would have one name.
  package static func layers(
    of parameters: Parameters, wholePaths: Bool = false, path: String
  ) throws(FileError) -> [LayerWeights] {
    var layers: [LayerWeights] = []
    var owners: [String: (owner: String, index: Int)] = [:]
    for (name, tensor) in parameters {
      guard let parts = ParameterName(name) else {
        throw FileError(what: "the parameter \(name) belongs to no layer", path: path, expected: "stage.layer.kind")
      }
      let owner = String(name.dropLast(parts.kind.count + 1))
      let layer = wholePaths ? owner : parts.layer
      if let other = owners[layer] {
        guard other.owner == owner else {
          throw FileError(
            what: "\(other.owner) and \(owner) would both be the layer \(layer) of the file", path: path,
            action: "give one of them another name")
        }
        layers[other.index].tensors.append((parts.kind, tensor))
      } else {
        owners[layer] = (owner, layers.count)
        layers.append(LayerWeights(name: layer, tensors: [(parts.kind, tensor)]))
      }
    }
    return layers
  }
}
