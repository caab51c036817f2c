internal import HDF5
internal import Support

/// A torch state dictionary: `<module path>.<name>`, Linear `[out, in]`, Conv2d `[out, in, height, width]`.
///
/// In HDF5 there is no standard: datasets of the root named by the key with its dots, or groups in place of the dots.
enum TorchLayout {
  /// A key of the dictionary with its dataset.
  struct Key {
    let key: String
    let path: String
    let shape: [Int]
    let type: String
  }

  /// All datasets under their keys.
  static func datasets(of file: borrowing HDF5File) throws(HDF5Error) -> [Key] {
    var keys: [Key] = []
    try search(file, "", into: &keys, depth: 0)
    return keys
  }

  private static func search(
    _ container: borrowing some HDF5Container & ~Copyable, _ prefix: String, into keys: inout [Key], depth: Int
  ) throws(HDF5Error) {
    for child in try container.children() where depth < 32 && keys.count < 100_000 {
      if child.kind == .group {
        try search(container.group(child.name), prefix + child.name + ".", into: &keys, depth: depth + 1)
      } else if child.kind == .dataset {
        let dataset = try container.dataset(child.name)
        keys.append(
          Key(
            key: prefix + child.name, path: dataset.path, shape: dataset.shape,
            type: dataset.elementType.description))
      }
    }
  }

  static func listing(of file: borrowing HDF5File, forced: FlattenOrder?) throws(HDF5Error) -> WeightsListing? {
    let keys = try datasets(of: file)
    guard keys.contains(where: { $0.key.contains(".") }) else { return nil }
    return WeightsListing(layout: "torch state dictionary in HDF5", order: forced ?? .chw, tensors: tensors(of: keys))
  }

  /// The tensors in the natural order of their keys; the dictionary's own order is not in the file.
  static func tensors(of keys: [Key]) -> [WeightsFile.StoredTensor] {
    var modules: [String: [(name: String, key: Key)]] = [:]
    for key in keys {
      let parts = key.key.split(separator: ".")
      let name = parts.last.map(String.init) ?? key.key
      if name == "num_batches_tracked" { continue }
      modules[parts.dropLast().joined(separator: "."), default: []].append((name, key))
    }
    return modules.sorted { isInNaturalOrder($0.key, $1.key) }.flatMap { module, members in
      let isNormalization =
        members.contains { $0.name == "running_mean" }
        || members.contains { $0.name == "weight" && $0.key.shape.count == 1 }
      let tensors = members.map { name, key in
        let kind = isNormalization ? normalizationKinds[name] ?? name : name
        let arrangement: Arrangement =
          kind != "weight"
          ? .same
          : key.shape.count == 4
            ? .kernel(isMirrored: false)
            : key.shape.count == 2 ? .transposed : .same
        return WeightsFile.StoredTensor(
          layer: module, kind: kind, path: key.path, storedShape: key.shape, elementType: key.type,
          arrangement: arrangement)
      }
      return tensors.sorted { rank($0.kind) < rank($1.kind) || rank($0.kind) == rank($1.kind) && $0.kind < $1.kind }
    }
  }

  /// The keys that belong to no layer.
  static func leftovers(of keys: [Key]) -> [Leftovers] {
    let counters = keys.map(\.key).filter { $0.hasSuffix("num_batches_tracked") }
    return [Leftovers("counters of batches", counters.sorted(by: isInNaturalOrder))].compactMap(\.self)
  }

  private static let normalizationKinds = [
    "weight": "scale", "bias": "offset", "running_mean": "mean", "running_var": "variance",
  ]

  private static func rank(_ kind: String) -> Int {
    TensorRole.allCases.firstIndex { $0.rawValue == kind } ?? TensorRole.allCases.count
  }

  /// The key of a tensor in the dictionary that a file holds; `nil` for another layout.
  static func key(of stored: WeightsFile.StoredTensor, in format: WeightsFormat) -> String? {
    switch format {
    case .pt, .safetensors: stored.path
    // Groups stand for dots.
    case .torch: String(stored.path.drop { $0 == "/" }).replacing("/", with: ".")
    default: nil
    }
  }

  /// The dictionary of layers, with rows in torch's order.
  ///
  /// - Parameter keys: by layer and kind, the keys that are not the usual ones.
  /// - Throws: `FileError` where two tensors would have one key, or a map does not fit.
  static func dictionary(
    _ layers: [LayerWeights], keys: [String: String] = [:], flattened: [String: FlattenedMap], path: String
  ) throws(FileError) -> [(key: String, tensor: RearrangedTensor)] {
    var entries: [(key: String, tensor: RearrangedTensor)] = []
    var seen: Set<String> = []
    for layer in layers {
      for (kind, tensor) in layer.tensors {
        let name = normalizationKinds.first { $0.value == kind }?.key ?? kind
        let usual = layer.name.isEmpty ? name : "\(layer.name).\(name)"
        let key = keys["\(layer.name).\(kind)"] ?? usual
        guard seen.insert(key).inserted else {
          throw FileError(
            what: "two tensors would have the key \(key) in the new file", path: path,
            action: "rename one of their layers, or exclude it")
        }
        entries.append(
          (
            key,
            try RearrangedTensor(
              outputsFirst: tensor, kind: kind, layer: layer.name, flattened: flattened, path: path)
          ))
      }
    }
    return entries
  }
}
