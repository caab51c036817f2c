internal import HDF5
internal import Support
internal import Tensors

/// Caffe's `.caffemodel.h5` (`Net::ToHDF5`): `/data/<layer>/0, 1 …`, InnerProduct `[out, in]`, Convolution
/// `[out, in, height, width]`.
///
/// Caffe splits a normalization in two: BatchNorm (mean, variance, and a factor by which both are divided) and Scale.
/// The two become one layer here where their names are `x` and `x_scale`, or `bn…` and `scale…`.
enum CaffeLayout {
  /// Whether it is a state of Caffe's solver, which has the name of a weights file in it but no weights.
  static func isSolverState(_ file: borrowing HDF5File) -> Bool { file.exists("history") && file.exists("iter") }

  /// The path of the weights that a solver state names.
  static func learnedNet(of file: borrowing HDF5File) throws(HDF5Error) -> String? {
    guard file.child("learned_net") == .dataset else { return nil }
    return try file.dataset("learned_net").readStrings().first
  }

  static func isLikely(_ file: borrowing HDF5File) throws(HDF5Error) -> Bool {
    guard file.child("data") == .group else { return false }
    var layers: [String] = []
    try search(file.group("data"), "", into: &layers, depth: 0)
    return !layers.isEmpty
  }

  /// Groups below `/data` that have blobs; a layer's `/` nests.
  private static func search(
    _ container: borrowing HDF5Group, _ path: String, into layers: inout [String], depth: Int
  ) throws(HDF5Error) {
    let children = try container.children()
    if depth > 0, children.contains(where: { $0.kind == .dataset && $0.name == "0" }) { layers.append(path) }
    for child in children.sorted(by: { isInNaturalOrder($0.name, $1.name) }) where child.kind == .group && depth < 32 {
      try search(
        container.group(child.name), path.isEmpty ? child.name : path + "/" + child.name, into: &layers,
        depth: depth + 1)
    }
  }

  static func listing(of file: borrowing HDF5File, forced: FlattenOrder?) throws(HDF5Error) -> WeightsListing? {
    guard file.child("data") == .group else { return nil }
    let root = try file.group("data")
    var names: [String] = []
    try search(root, "", into: &names, depth: 0)
    if names.isEmpty { return nil }
    var tensors: [WeightsFile.StoredTensor] = []
    var factors: Set<String> = []
    for name in names {
      let group = try root.group(name)
      var blobs: [(path: String, shape: [Int], type: String)] = []
      while group.child("\(blobs.count)") == .dataset {
        let dataset = try group.dataset("\(blobs.count)")
        blobs.append((dataset.path, dataset.shape, dataset.elementType.description))
      }
      let shapes = blobs.map(\.shape)
      var factor: Float = 1
      let kinds: [String]
      let isNormalization = shapes.count == 3 && shapes[0] == shapes[1] && shapes[2].reduce(1, *) == 1
      if isNormalization {
        let divisor = try group.dataset("2").read(as: Float.self)[0]
        factors.insert(blobs[2].path)
        factor = divisor == 0 ? 0 : 1 / divisor
        kinds = ["mean", "variance"]
      } else if shapes.first?.count == 1 {
        kinds = ["scale", "offset"]
      } else {
        kinds = ["weight", "bias"]
      }
      for (index, blob) in blobs.enumerated() where !(isNormalization && index == 2) {
        var stored = WeightsFile.StoredTensor(
          layer: name, kind: index < kinds.count ? kinds[index] : "\(index)", path: blob.path, storedShape: blob.shape,
          elementType: blob.type, arrangement: index == 0 && kinds[0] == "weight" ? arrangement(of: blob.shape) : .same)
        stored.factor = factor
        tensors.append(stored)
      }
    }
    var listing = WeightsListing(layout: "Caffe .caffemodel.h5", order: forced ?? .chw, tensors: joined(tensors))
    listing.usedPaths = factors
    return listing
  }

  /// InnerProduct blobs of old files have four extents, of which the first two are 1.
  private static func arrangement(of shape: [Int]) -> Arrangement {
    if shape.count == 4 && (shape[0] != 1 || shape[1] != 1) { return .kernel(isMirrored: false) }
    return shape.count == 2 || shape.count == 4 ? .transposed : .same
  }

  /// Scale layers under the names of their normalizations.
  private static func joined(_ tensors: [WeightsFile.StoredTensor]) -> [WeightsFile.StoredTensor] {
    let normalizations = Set(tensors.filter { $0.kind == "mean" }.map(\.layer))
    return tensors.map { tensor in
      guard tensor.kind == "scale" || tensor.kind == "offset" else { return tensor }
      let name = tensor.layer
      let owner =
        name.hasSuffix("_scale") ? String(name.dropLast(6)) : name.hasPrefix("scale") ? "bn" + name.dropFirst(5) : name
      guard normalizations.contains(owner) else { return tensor }
      var tensor = tensor
      tensor.layer = owner
      return tensor
    }
  }

  /// The blobs of layers, with rows in Caffe's order.
  static func datasets(
    _ layers: [LayerWeights], flattened: [String: FlattenedMap], path: String
  ) throws(FileError) -> [HDF5Writer.Values] {
    var datasets: [HDF5Writer.Values] = []
    for layer in layers {
      let place = "/data/\(layer.name)"
      if layer.layerClass == .normalization {
        if let mean = layer[.mean], let variance = layer[.variance] {
          for (index, tensor) in [mean, variance, Tensor([1])].enumerated() {
            datasets.append(tensor.dataset(at: "\(place)/\(index)"))
          }
        }
        for (index, tensor) in [layer[.scale], layer[.offset]].enumerated() {
          if let tensor { datasets.append(tensor.dataset(at: "\(place)_scale/\(index)")) }
        }
        continue
      }
      for (index, entry) in layer.tensors.enumerated() {
        datasets.append(
          try RearrangedTensor(
            outputsFirst: entry.tensor, kind: entry.kind, layer: layer.name, flattened: flattened, path: path
          ).dataset(at: "\(place)/\(index)"))
      }
    }
    return datasets
  }
}
