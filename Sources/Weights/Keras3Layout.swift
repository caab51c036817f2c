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

  static func listing(of file: borrowing HDF5File, forced: FlattenOrder?) throws(HDF5Error) -> WeightsListing? {
    let paths = try groups(of: file)
    if paths.isEmpty { return nil }
    var layers: [(own: String?, path: String, tensors: [(path: String, shape: [Int], type: String)])] = []
    for path in paths {
      let group = try file.group(path)
      let names = try group.children().filter { $0.kind == .dataset }.map(\.name).sorted(by: isInNaturalOrder)
      var tensors: [(path: String, shape: [Int], type: String)] = []
      for name in names {
        let dataset = try group.dataset(name)
        tensors.append((dataset.path, dataset.shape, dataset.elementType.description))
      }
      let own = try group.hasAttribute("name") ? group.string(ofAttribute: "name") : nil
      let components = path.split(separator: "/").filter { $0 != "layers" && $0 != "_layer_checkpoint_dependencies" }
      layers.append((own, components.dropLast().joined(separator: "/"), tensors))
    }
    let names = layers.compactMap(\.own)
    let hasNames = names.count == layers.count && Set(names).count == names.count
    let tensors = layers.flatMap { layer in
      let roles = TensorRole.roles(byRanks: layer.tensors.map(\.shape.count))
      return layer.tensors.enumerated().map { index, found in
        WeightsFile.StoredTensor(
          layer: hasNames ? layer.own ?? layer.path : layer.path, kind: roles?[index].rawValue ?? "\(index)",
          path: found.path, storedShape: found.shape, elementType: found.type, arrangement: .same)
      }
    }
    return WeightsListing(
      layout: "Keras 3 .weights.h5" + (hasNames ? "" : ", layers by number"), order: forced ?? .hwc, tensors: tensors,
      hasNames: hasNames)
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
