internal import HDF5
internal import Support
internal import Tensors

/// Keras 3's `.weights.h5` (`keras/src/saving/saving_lib.py`): `/layers/<class>[_k]/vars/0, 1 …`, numbered by class.
///
/// Later versions give `vars` the layer's own name as an attribute. A model inside a model nests: `…/functional/layers/…`.
enum Keras3Layout {
  /// The groups `vars` that have tensors, in natural order, without the optimizer's.
  static func groups(of file: borrowing HDF5File) throws(HDF5Error) -> [String] {
    var paths: [String] = []
    try search(file, "", into: &paths, depth: 0)
    return paths
  }

  private static func search(
    _ container: borrowing some HDF5Container & ~Copyable, _ path: String, into paths: inout [String], depth: Int
  ) throws(HDF5Error) {
    let children = try container.children().filter { $0.kind == .group }
    for child in children.sorted(by: { isInNaturalOrder($0.name, $1.name) }) {
      // Seeds of dropout layers are not weights.
      if depth > 32 || child.name == "seed_generator" || depth == 0 && child.name == "optimizer" { continue }
      let group = try container.group(child.name)
      if child.name != "vars" {
        try search(group, path + "/" + child.name, into: &paths, depth: depth + 1)
      } else if try group.children().contains(where: { $0.kind == .dataset }) {
        paths.append(path + "/vars")
      }
    }
  }

  /// What the file's tensors are.
  ///
  /// - Parameter model: the model that the file belongs to, where it is known: it names layers in files of early versions.
  static func listing(
    of file: borrowing HDF5File, model: KerasOutline? = nil, forced: FlattenOrder?
  ) throws(HDF5Error) -> WeightsListing? {
    let paths = try groups(of: file)
    if paths.isEmpty { return nil }
    var names = Keras3Names(model)
    var layers: [(name: Keras3Names.Name, tensors: [(path: String, shape: [Int], type: String)])] = []
    for path in paths {
      let group = try file.group(path)
      var tensors: [(path: String, shape: [Int], type: String)] = []
      for name in try group.children().filter({ $0.kind == .dataset }).map(\.name).sorted(by: isInNaturalOrder) {
        let dataset = try group.dataset(name)
        tensors.append((dataset.path, dataset.shape, dataset.elementType.description))
      }
      layers.append((try names.name(of: path, in: file), tensors))
    }
    let full = layers.map { $0.name.path }
    let hasNames = layers.allSatisfy(\.name.isOwn) && Set(full).count == full.count
    if layers.allSatisfy({ $0.name.place != nil }) {
      layers.sort { ($0.name.place ?? []).lexicographicallyPrecedes($1.name.place ?? []) }
    }
    let tensors = layers.flatMap { layer in
      let kinds = kinds(of: layer.tensors.map(\.shape.count), layer.name)
      return layer.tensors.enumerated().map { index, found in
        WeightsFile.StoredTensor(
          layer: hasNames ? layer.name.path : layer.name.group, kind: kinds[index], path: found.path,
          storedShape: found.shape, elementType: found.type,
          arrangement: layer.name.isDepthwise && found.shape.count == 4 ? .depthwise : .same)
      }
    }
    // Numbers are the order within one class of one model.
    let parents = Set(layers.map { $0.name.group.split(separator: "/").dropLast() })
    let classes = Dictionary(grouping: layers) { $0.tensors.first?.shape.count ?? 0 }
    let isNumbered =
      parents.count == 1 && classes.values.allSatisfy { Set($0.map(\.name.stem)).count == 1 }
    let flattening = model?.flattening
    let order = forced ?? flattening?.order ?? model?.suggestedOrder() ?? .hwc
    return WeightsListing(
      layout: "Keras 3 .weights.h5" + (hasNames ? "" : ", layers by number")
        + (model?.hasChannelsFirst == true ? ", channels first" : ""),
      order: order, tensors: tensors, hasNames: hasNames,
      layerOrder: layers.allSatisfy { $0.name.place != nil } ? .whole : isNumbered ? .withinClasses : .unknown,
      flattenedMaps: flattening?.maps ?? [:], refusals: forced == nil ? flattening?.refusals ?? [:] : [:],
      outline: model?.network)
  }

  /// The roles of a layer's numbered tensors, or what they may be.
  private static func kinds(of ranks: [Int], _ name: Keras3Names.Name) -> [String] {
    let numbers = ranks.indices.map(String.init)
    if let roles = name.layer?.normalizationRoles {
      return roles.count == ranks.count ? roles.map(\.rawValue) : numbers
    }
    if name.stem == "batch_normalization", ranks.allSatisfy({ $0 == 1 }) {
      // Of one factor alone, the numbers do not tell which it is.
      if ranks.count == 3 { return ["gamma-or-beta", TensorRole.mean.rawValue, TensorRole.variance.rawValue] }
      if ranks.count == 2 { return [TensorRole.mean.rawValue, TensorRole.variance.rawValue] }
    }
    // Their kernels have another meaning of the same rank.
    if ["separable", "transpose"].contains(where: { name.stem.contains($0) }) { return numbers }
    return TensorRole.roles(byRanks: ranks)?.map(\.rawValue) ?? numbers
  }

  /// Where each layer goes: its class in snake case, and `_k` after the first of a class.
  ///
  /// - Throws: `FileError` for a layer of no class that Keras has by these tensors.
  static func groups(for layers: [LayerWeights], path: String) throws(FileError) -> [String] {
    var counts: [String: Int] = [:]
    var groups: [String] = []
    for layer in layers {
      let name: String
      switch layer.layerClass {
      case .convolution: name = "conv2d"
      case .linear: name = "dense"
      case .normalization: name = "batch_normalization"
      case .other:
        throw FileError(
          what: "the layer \(layer.name) with \(layer.tensors.map(\.kind).joined(separator: ", "))", path: path,
          expected: "convolutions, linear layers and normalizations", action: "write it in another layout")
      }
      let count = counts[name, default: 0]
      counts[name] = count + 1
      groups.append("/layers/" + (count == 0 ? name : "\(name)_\(count)") + "/vars")
    }
    return groups
  }

  static func datasets(_ layers: [LayerWeights], _ groups: [String]) -> [HDF5Writer.Values] {
    zip(layers, groups).flatMap { layer, group in
      layer.tensors.enumerated().map { $1.tensor.dataset(at: "\(group)/\($0)") }
    }
  }

  static func writeStructure(
    _ layers: [LayerWeights], _ groups: [String], to file: borrowing HDF5File
  ) throws(HDF5Error) {
    for (layer, group) in zip(layers, groups) {
      try file.createGroup(group).setAttribute("name", to: layer.name)
    }
  }
}
