/// The weights of a file, on their way into a file of another layout.
package struct WeightsConversion: Sendable {
  package let layers: [LayerWeights]
  package let format: WeightsFormat
  private let flattened: [String: FlattenedMap]

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - flattened: by the file's layers, the maps that their rows come from; `[:]` says that no layer follows a
  ///     flattening. Needed where the order of rows differs between the layouts and there are convolutions and linear
  ///     layers.
  ///   - renaming: new names by the file's.
  /// - Throws: `StorageError` where maps or names do not fit, or values cannot be read or are not finite.
  package init(
    of file: WeightsFile, to format: WeightsFormat, flattened: [String: FlattenedMap]? = nil,
    renaming: [String: String] = [:]
  ) throws(StorageError) {
    let differs = file.flattenOrder != format.flattenOrder
    for name in renaming.keys.sorted() where !file.layers.contains(name) {
      throw StorageError(
        what: "it has no layer \(name), which was to be renamed", path: file.path,
        expected: "one of \(file.layers.joined(separator: ", "))")
    }
    // Where both files have one order, rows stay as they are, whatever they come from.
    let maps = differs ? flattened ?? [:] : [:]
    let byLayer = Dictionary(grouping: file.tensors, by: \.layer)
    if differs || flattened != nil {
      try WeightsFile.requireMaps(flattened, for: file.outlines, path: file.path)
    }
    var layers: [LayerWeights] = []
    for name in file.layers {
      var layer = LayerWeights(name: renaming[name] ?? name, tensors: [])
      for stored in byLayer[name] ?? [] {
        layer.tensors.append((stored.kind, try file.values(of: stored, flattened: maps[name])))
      }
      layers.append(layer)
    }
    self.layers = layers
    self.format = format
    self.flattened = Dictionary(maps.map { (renaming[$0.key] ?? $0.key, $0.value) }) { first, _ in first }
  }

  /// Writes the file; it appears whole or not at all.
  ///
  /// - Throws: `StorageError` where it cannot be written or the layout has no place for a layer.
  package func write(to path: String) throws(StorageError) {
    try WeightsFile.put(layers, as: format, flattened: format.flattenOrder == .chw ? flattened : [:], to: path)
  }
}
