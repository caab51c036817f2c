internal import HDF5
package import Support
package import Tensors

extension WeightsFile {
  /// Writes parameters in Keras's legacy layout at the root; the file appears whole or not at all.
  ///
  /// - Parameter notes: text attributes of the root.
  /// - Throws: `FileError` where the disk is full, the file cannot be written or two layers share a name; the previous
  ///   file is then untouched.
  package static func write(
    _ parameters: Parameters, to path: String, notes: KeyValuePairs<String, String> = [:]
  ) throws(FileError) {
    try write(LayerWeights.layers(of: parameters, path: path), as: .keras, to: path, notes: notes)
  }

  /// Writes layers in a layout; the file appears whole or not at all. Tensors are rearranged one at a time.
  ///
  /// - Parameters:
  ///   - flattened: by layer, the map that its rows come from where it follows a flattening; layouts with rows in
  ///     (c, y, x) order need it where there are convolutions and linear layers.
  ///   - notes: text attributes of the root, or metadata of a safetensors file.
  /// - Throws: `FileError` where the layout cannot be written or has no place for a layer, the maps are missing or do
  ///   not fit, the disk is full or the file cannot be written; the previous file is then untouched.
  package static func write(
    _ layers: [LayerWeights], as format: WeightsFormat, flattened: [String: FlattenedMap]? = nil, to path: String,
    notes: KeyValuePairs<String, String> = [:]
  ) throws(FileError) {
    if format.flattenOrder == .chw {
      try requireMaps(flattened, for: layers.map(\.outline), path: path)
    }
    try put(layers, as: format, flattened: flattened ?? [:], to: path, notes: notes)
  }

  /// Writes layers whose rows are already in the order that the layout has, or shall be put in it by the maps.
  ///
  /// - Parameter keys: by layer and kind, the keys that a state dictionary has for them where they are not the usual ones.
  static func put(
    _ layers: [LayerWeights], as format: WeightsFormat, flattened: [String: FlattenedMap], to path: String,
    keys: [String: String] = [:], notes: KeyValuePairs<String, String> = [:]
  ) throws(FileError) {
    let layers = layers.map(\.inOrder)
    try requireNames(layers, for: format, path: path)
    switch format {
    case .keras:
      let layout = KerasLayout(layers, under: "/")
      try write(layout.datasets, to: path, notes) { file throws(HDF5Error) in try layout.writeStructure(to: file) }
    case .keras3:
      let groups = try Keras3Layout.groups(for: layers, path: path)
      try write(Keras3Layout.datasets(layers, groups), to: path, notes) { file throws(HDF5Error) in
        try Keras3Layout.writeStructure(layers, groups, to: file)
      }
    case .caffe:
      let datasets = try CaffeLayout.datasets(layers, flattened: flattened, path: path)
      try write(datasets, to: path, notes) { file throws(HDF5Error) in try file.createGroup("data") }
    case .torch:
      let dictionary = try TorchLayout.dictionary(layers, keys: keys, flattened: flattened, path: path)
      try write(dictionary.map { $0.tensor.dataset(at: "/" + $0.key) }, to: path, notes) { _ throws(HDF5Error) in }
    case .safetensors:
      let dictionary = try TorchLayout.dictionary(layers, keys: keys, flattened: flattened, path: path)
      let texts = Dictionary(notes.map { ($0.key, $0.value) }) { $1 }
      try SafeTensors.write(dictionary, notes: texts, to: path)
    case .onnx, .kerasArchive, .caffemodel, .pt, .numpy, .numpyTorch, .numpyKeras:
      throw FileError(
        what: "the layout \(format.rawValue) is read only", path: path, expected: "one of \(WeightsFormat.written)",
        action: "choose one of these")
    }
  }

  /// Throws where two layers have one name, or one has a name that is no place in an HDF5 file.
  private static func requireNames(
    _ layers: [LayerWeights], for format: WeightsFormat, path: String
  ) throws(FileError) {
    var seen: Set<String> = []
    if let twice = layers.first(where: { !seen.insert($0.name).inserted }) {
      throw FileError(
        what: "two layers would have the name \(twice.name) in the new file", path: path,
        action: "rename one of them, or exclude it")
    }
    guard format.loadsByOrder || format == .caffe else { return }
    for layer in layers {
      let parts = layer.name.split(separator: "/", omittingEmptySubsequences: false)
      guard parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }) else { continue }
      throw FileError(
        what: layer.name.isEmpty
          ? "a layer with \(layer.tensors.map(\.kind).joined(separator: ", ")) has an empty name"
          : "the name of the layer \(layer.name) is no place in an HDF5 file", path: path,
        expected: "names whose parts between / are not empty, . or ..",
        action: layer.name.isEmpty
          ? "write it as torch or safetensors, or name it in the file that it is from" : "rename the layer")
    }
  }

  private static func write(
    _ datasets: [HDF5Writer.Values], to path: String, _ notes: KeyValuePairs<String, String>,
    structure: (borrowing HDF5File) throws(HDF5Error) -> Void
  ) throws(FileError) {
    var seen: Set<String> = []
    if let twice = datasets.first(where: { !seen.insert($0.path).inserted }) {
      throw FileError(
        what: "two tensors would lie at \(twice.path) in the new file", path: path,
        action: "rename one of their layers, or exclude it")
    }
    try HDF5Writer.write(to: path, values: datasets) { file throws(HDF5Error) in
      try structure(file)
      for (name, text) in notes { try file.setAttribute(name, to: text) }
    }
  }

  /// Throws where there are convolutions and linear layers and no maps are given.
  static func requireMaps(
    _ flattened: [String: FlattenedMap]?, for layers: [LayerOutline], path: String
  ) throws(FileError) {
    guard let flattened else {
      // Files often have their layers in another order than the network, so any linear layer may follow a convolution.
      let linear = layers.filter { $0.layerClass == .linear }
      guard let first = linear.first, layers.contains(where: { $0.layerClass == .convolution }) else { return }
      let shapes = linear.map { "\($0.name) \($0.weightShape ?? [])" }.joined(separator: ", ")
      throw FileError(
        what: "rows of \(shapes) may come from a flattened map, whose order differs between the layouts", path: path,
        expected: "the map's height, width and channels, or none",
        action: "give \(first.name)=7x7x512 for a map of 7 x 7 cells and 512 channels, or none")
    }
    for name in flattened.keys.sorted() {
      let layer = layers.first { $0.name == name }
      guard let layer, let shape = layer.weightShape, shape.count == 2 else {
        let linear = layers.filter { $0.layerClass == .linear }.map(\.name)
        throw FileError(
          what: "a flattened map is given for \(name), which is not a linear layer", path: path,
          expected: "one of \(linear.joined(separator: ", "))")
      }
      _ = try flattened.map(ofLayer: name, rows: shape[0], path: path)
    }
  }
}

extension LayerWeights {
  /// The tensors in the order that files have: weight, bias, or scale, offset, mean, variance; others after them.
  var inOrder: LayerWeights {
    let known = TensorRole.allCases.flatMap { role in tensors.filter { $0.kind == role.rawValue } }
    return LayerWeights(name: name, tensors: known + tensors.filter { TensorRole(rawValue: $0.kind) == nil })
  }
}
