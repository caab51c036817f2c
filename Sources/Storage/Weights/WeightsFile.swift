internal import HDF5
package import Tensors

/// A file of weights in the legacy HDF5 layout of Keras 1, 2 or 3: what is in it is listed, values are read when asked.
package final class WeightsFile: Sendable {
  /// A tensor in the file.
  package struct StoredTensor: Sendable, Equatable {
    /// Name of its layer.
    package let layer: String
    /// What it is to its layer: `weight`, `bias`, `scale`, `offset`, `mean`, `variance`, or Keras's name for it.
    package let kind: String
    /// Path of its dataset.
    package let path: String
    package let shape: [Int]
    /// Type of its elements on disk, such as `float32`.
    package let elementType: String

    /// Layer and kind, such as `fc6.weight`.
    package var name: String { "\(layer).\(kind)" }
  }

  /// Path of the file.
  package let path: String
  /// The layout found, in words, such as `Keras legacy in /model_weights, Keras 2.4.3`.
  package let layout: String
  /// All tensors in the file's order of layers.
  package let tensors: [StoredTensor]
  /// Names of the layers that have tensors, in the file's order.
  package let layers: [String]
  private let file: HDF5File

  /// Opens a file and lists it.
  ///
  /// - Throws: `StorageError` where it is missing, damaged or in another layout.
  package init(opening path: String) throws(StorageError) {
    let opened = try storing { () throws(HDF5Error) in try HDF5File(opening: path) }
    let groupPath = try storing { () throws(HDF5Error) in try Self.groupPath(in: opened) }
    guard let groupPath else {
      throw StorageError(
        what: "it holds no weights in a known layout", path: path,
        expected: "Keras's legacy layout: an attribute layer_names at the root or in /model_weights",
        action: "save the model again as an .h5 file with Keras's save_weights or save")
    }
    let (version, backend, tensors) = try storing { () throws(HDF5Error) in
      let root = try opened.group(groupPath)
      let version = try root.hasAttribute("keras_version") ? root.string(ofAttribute: "keras_version") : "1"
      let backend = try root.hasAttribute("backend") ? root.string(ofAttribute: "backend") : ""
      return (version, backend, try Self.list(root))
    }
    guard backend != "theano" else {
      throw StorageError(
        what: "it was written with Keras's Theano backend, whose convolution kernels are mirrored", path: path,
        expected: "the backend tensorflow", action: "convert it with Keras")
    }
    self.path = path
    self.tensors = tensors
    layout = "Keras legacy" + (groupPath == "/" ? "" : " in \(groupPath)") + ", Keras \(version)"
    var layers: [String] = []
    for tensor in tensors where layers.last != tensor.layer && !layers.contains(tensor.layer) {
      layers.append(tensor.layer)
    }
    self.layers = layers
    file = opened
  }

  /// Reads the values of a tensor.
  ///
  /// - Throws: `StorageError` where they cannot be read or are not all finite.
  package func values(of stored: StoredTensor) throws(StorageError) -> Tensor {
    let tensor = try storing { () throws(HDF5Error) in try Tensor(reading: file.dataset(stored.path)) }
    let count = tensor.withSpan { values in
      var count = 0
      for index in values.indices where !values[index].isFinite { count += 1 }
      return count
    }
    guard count == 0 else {
      throw StorageError(
        what: "\(count) of \(tensor.count) values of \(stored.path) are NaN or infinite", path: path,
        expected: "finite weights", action: "take an earlier file of that training")
    }
    return tensor
  }

  /// A string attribute of the file's root, such as `bulkhead_state`; `nil` where there is none.
  ///
  /// - Throws: `StorageError` where it is not one string.
  package func note(_ name: String) throws(StorageError) -> String? {
    try storing { () throws(HDF5Error) in file.hasAttribute(name) ? try file.string(ofAttribute: name) : nil }
  }

  /// Writes parameters in Keras's legacy layout at the root; the file appears whole or not at all.
  ///
  /// - Parameter notes: string attributes of the root.
  /// - Throws: `StorageError` where the disk is full, the file cannot be written or two layers share a name; the previous
  ///   file is then untouched.
  package static func write(
    _ parameters: Parameters, to path: String, notes: KeyValuePairs<String, String> = [:]
  ) throws(StorageError) {
    let layout = try KerasLayout(parameters, under: "/", path: path)
    try storing { () throws(HDF5Error) in
      try AtomicFile.write(to: path, values: layout.datasets) { file throws(HDF5Error) in
        try layout.writeStructure(to: file)
        for (name, text) in notes { try file.setAttribute(name, to: text) }
      }
    }
  }

  /// The group that has the layers: a file of weights has them at the root, one of a model in `/model_weights`.
  private static func groupPath(in file: borrowing HDF5File) throws(HDF5Error) -> String? {
    for path in ["/", "/model_weights"] where file.child(path) == .group {
      let group = try file.group(path)
      if group.hasAttribute("layer_names") || group.hasAttribute("layer_names0") { return path }
    }
    return nil
  }

  private static func list(_ root: borrowing HDF5Group) throws(HDF5Error) -> [StoredTensor] {
    var tensors: [StoredTensor] = []
    for layer in try root.stringsIfAny("layer_names") ?? [] {
      let group = try root.group(layer)
      let names = try group.stringsIfAny("weight_names") ?? []
      var found: [(path: String, shape: [Int], type: String)] = []
      for name in names {
        let dataset = try group.dataset(name)
        found.append((dataset.path, dataset.shape, dataset.elementType.description))
      }
      for (key, found) in zip(keys(layer: layer, weightNames: names, ranks: found.map(\.shape.count)), found) {
        tensors.append(
          StoredTensor(
            layer: key.layer, kind: key.kind, path: found.path, shape: found.shape, elementType: found.type))
      }
    }
    return tensors
  }

  /// Layer and kind of each tensor of one layer group, from the names and, where they tell nothing, the ranks.
  private static func keys(
    layer: String, weightNames: [String], ranks: [Int]
  ) -> [(layer: String, kind: String)] {
    let roles = weightNames.map { TensorRole(kerasName: $0, layer: layer) }
    if roles.contains(nil), let byRanks = TensorRole.roles(byRanks: ranks) {
      return byRanks.map { (layer, $0.rawValue) }
    }
    let kinds = zip(roles, weightNames).map { $0?.rawValue ?? TensorRole.stem(of: $1) }
    if Set(kinds).count == kinds.count { return kinds.map { (layer, $0) } }
    // A model inside a model is one layer to Keras; its tensors' names tell the layers within.
    return zip(weightNames, kinds).map { name, kind in
      let parts = name.split(separator: "/")
      return (parts.count > 1 ? String(parts[parts.count - 2]) : layer, kind)
    }
  }
}
