package import Support
internal import Tensors

/// The weights of a file, on their way into a file of another layout.
package struct WeightsConversion: Sendable {
  /// The layers to write, in order and under their new names.
  package let layers: [LayerWeights]
  /// The layout to write.
  package let format: WeightsFormat
  /// What happens to each tensor of the file, and what was taken from it without being asked for.
  package let report: ConversionReport
  private let flattened: [String: FlattenedMap]
  /// From one state dictionary to another, the keys of the tensors, which stay as they are.
  private let keys: [String: String]
  /// The state of the run that the weights are of, which names the classes.
  private let state: String?

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - flattened: by the file's layers, the maps that their rows come from; `[:]` means that no layer follows a
  ///     flattening. Default: those of the network in the file. Needed where the order of rows differs between the
  ///     layouts, there are convolutions and linear layers, and the file has no network.
  ///   - excluding: layers that are not written, by their names or patterns with `*`.
  ///   - renaming: new names by the file's.
  ///   - order: the layers in the network's order: names, or patterns with `*`, whose layers keep the order that they
  ///     have. Needed for Keras's layouts, which load by order, where the file does not have it.
  /// - Throws: `FileError` where maps or names do not fit, or values cannot be read or are not finite.
  package init(
    of file: WeightsFile, to format: WeightsFormat, flattened: [String: FlattenedMap]? = nil,
    excluding: [String] = [], renaming: [String: String] = [:], order: [String] = []
  ) throws(FileError) {
    let differs = file.flattenOrder != format.flattenOrder
    let taken = differs && flattened == nil ? file.flattenedMaps : nil
    let kept = try Self.layers(of: file, excluding: excluding)
    for name in renaming.keys.sorted() where !kept.contains(name) {
      throw FileError(
        what: "it has no layer \(name), which is to be renamed", path: file.path,
        expected: "one of \(kept.joined(separator: ", "))")
    }
    try Self.requireDistinct(kept, renaming, path: file.path)
    try file.requireScales(of: kept)
    let names = try Self.names(kept, of: file, in: order, for: format)
    let known = flattened ?? taken?.filter { kept.contains($0.key) }
    // Where both files have one order, rows stay as they are, whatever they come from.
    let maps = differs ? known ?? [:] : [:]
    let byLayer = Dictionary(grouping: file.tensors, by: \.layer)
    if differs || known != nil {
      try WeightsFile.requireMaps(
        known, for: file.outlines.filter { kept.contains($0.name) }, path: file.path)
    }
    var layers: [LayerWeights] = []
    var completed: [String] = []
    var keys: [String: String] = [:]
    let keepsKeys = format == .torch || format == .safetensors
    for name in names {
      var layer = LayerWeights(name: renaming[name] ?? name, tensors: [])
      for stored in byLayer[name] ?? [] {
        layer.tensors.append((stored.kind, try file.values(of: stored, flattened: maps[name])))
        guard keepsKeys, let key = TorchLayout.key(of: stored, in: file.format) else { continue }
        let last = key.lastIndex(of: ".").map { String(key[$0...]) } ?? "." + key
        keys["\(layer.name).\(stored.kind)"] = renaming[name].map { $0 + last } ?? key
      }
      if format.pairsScaleAndOffset, keys.isEmpty { completed += layer.complete().map { "\(layer.name).\($0)" } }
      layers.append(layer)
    }
    state = try file.runState
    report = ConversionReport(
      file, written: layers, renaming: renaming, taken: taken, completed: completed, keepsState: state != nil)
    self.layers = layers
    self.format = format
    self.keys = keys
    self.flattened = Dictionary(maps.map { (renaming[$0.key] ?? $0.key, $0.value) }) { first, _ in first }
  }

  /// Throws where two layers would have one name.
  private static func requireDistinct(
    _ layers: [String], _ renaming: [String: String], path: String
  ) throws(FileError) {
    let sources = Dictionary(grouping: layers) { renaming[$0] ?? $0 }
    for (name, sources) in sources.sorted(by: { $0.key < $1.key }) where sources.count > 1 {
      throw FileError(
        what: "\(sources.joined(separator: " and ")) would both be the layer \(name) of the new file", path: path,
        expected: "one layer for each name", action: "give one of them another name, or exclude it")
    }
  }

  /// The file's layers without the excluded ones.
  private static func layers(of file: WeightsFile, excluding: [String]) throws(FileError) -> [String] {
    let patterns = excluding.map { NamePattern($0) }
    for pattern in patterns where !file.layers.contains(where: { pattern.matches($0) }) {
      throw FileError(
        what: "it has no layer \(pattern.text), which is to be excluded", path: file.path,
        expected: "some of \(file.layers.joined(separator: ", "))")
    }
    let kept = file.layers.filter { layer in !patterns.contains { $0.matches(layer) } }
    guard !kept.isEmpty else {
      throw FileError(what: "all of its layers are excluded", path: file.path, action: "exclude fewer")
    }
    return kept
  }

  /// The layers in the network's order.
  private static func names(
    _ layers: [String], of file: WeightsFile, in order: [String], for format: WeightsFormat
  ) throws(FileError) -> [String] {
    var rest = layers
    var names: [String] = []
    for text in order {
      let pattern = NamePattern(text)
      let matches = rest.filter { pattern.matches($0) }
      guard !matches.isEmpty else {
        throw FileError(
          what: "no layer fits \(text) in the order, or those before it took it", path: file.path,
          expected: "some of \(file.layers.joined(separator: ", "))")
      }
      names += matches
      rest.removeAll { pattern.matches($0) }
    }
    if rest.isEmpty { return names }
    let isNeeded = format.loadsByOrder && file.layerOrder != .whole && format != file.format
    guard order.isEmpty, !isNeeded else {
      throw FileError(
        what: "\(format.rawValue) files are loaded by the order of layers, which this file does not have"
          + (order.isEmpty ? "" : "; not in the order given: \(rest.joined(separator: ", "))"), path: file.path,
        expected: "the order of \(layers.joined(separator: ", "))",
        action: "name them in the network's order, such as features.*,classifier.*")
    }
    return layers
  }

  /// Writes the file; it appears whole or not at all.
  ///
  /// - Throws: `FileError` where it cannot be written or the layout has no place for a layer.
  package func write(to path: String) throws(FileError) {
    let notes: KeyValuePairs = state.map { [WeightsFile.stateNote: $0] } ?? [:]
    try WeightsFile.put(
      layers, as: format, flattened: format.flattenOrder == .chw ? flattened : [:], to: path, keys: keys, notes: notes)
  }
}
