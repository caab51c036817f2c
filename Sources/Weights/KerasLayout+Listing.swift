internal import HDF5

/// Reading: Keras 1, 2 and 3 by the attributes, Keras 0 by numbers; channel order and mirroring by version and backend.
extension KerasLayout {
  /// What the file's tensors are.
  ///
  /// Keras 1 kept kernels as `[out, in, height, width]` where channels came first; files made on Theano hold mirrored
  /// kernels. `Flatten` puts channels last by itself where it knows that they are first; Keras 1's never did.
  static func listing(
    of file: borrowing HDF5File, forced: FlattenOrder?
  ) throws(HDF5Error) -> WeightsListing? {
    guard let groupPath = try groupPath(in: file) else {
      return file.hasAttribute("nb_layers") ? try oldestListing(of: file, forced: forced) : nil
    }
    let root = try file.group(groupPath)
    let version = try root.hasAttribute("keras_version") ? root.string(ofAttribute: "keras_version") : "1"
    let backend = try root.hasAttribute("backend") ? root.string(ofAttribute: "backend") : ""
    let isFirst = version.prefix { $0 != "." } == "1"
    let isTheano = backend == "theano"
    let outline =
      try file.hasAttribute("model_config") ? KerasOutline(json: file.string(ofAttribute: "model_config")) : nil
    let hasChannelsFirst = outline?.hasChannelsFirst ?? (isFirst && (isTheano || forced == .chw))
    let kernels: Arrangement =
      isFirst && hasChannelsFirst ? .kernel(isMirrored: isTheano) : isTheano ? .mirrored : .same
    let flattening = outline?.flattening
    let order =
      flattening?.order ?? outline?.suggestedOrder(keepsOrder: isFirst) ?? (hasChannelsFirst ? .chw : .hwc)
    let layout =
      "Keras legacy" + (groupPath == "/" ? "" : " in \(groupPath)") + ", Keras \(version)"
      + (isTheano ? " on Theano (mirrored kernels)" : "") + (hasChannelsFirst ? ", channels first" : "")
    var (tensors, isOrdered) = try list(root, kernels, outline)
    if !isOrdered, let outline { (tensors, isOrdered) = placed(tensors, in: outline) }
    return WeightsListing(
      layout: layout, order: forced ?? order, tensors: tensors, layerOrder: isOrdered ? .whole : .unknown,
      flattenedMaps: flattening?.maps ?? [:], refusals: forced == nil ? flattening?.refusals ?? [:] : [:],
      outline: outline?.network)
  }

  /// Tensors of models within models under the full paths and in the order of the model that the file holds; unchanged where
  /// one of them is not found in it.
  private static func placed(
    _ tensors: [WeightsFile.StoredTensor], in outline: KerasOutline
  ) -> (tensors: [WeightsFile.StoredTensor], isOrdered: Bool) {
    let places = Dictionary(grouping: outline.places) { place in
      let parts = place.path.split(separator: "/")
      return [parts.first, parts.last]
    }
    var found: [(tensor: WeightsFile.StoredTensor, indices: [Int])] = []
    for tensor in tensors {
      let parts = tensor.layer.split(separator: "/")
      guard let place = places[[parts.first, parts.last]], place.count == 1 else { return (tensors, false) }
      var tensor = tensor
      tensor.layer = place[0].path
      found.append((tensor, place[0].indices))
    }
    // Tensors of a layer keep their order.
    let order = found.indices.sorted { left, right in
      found[left].indices == found[right].indices
        ? left < right : found[left].indices.lexicographicallyPrecedes(found[right].indices)
    }
    return (order.map { found[$0].tensor }, true)
  }

  /// The tensors, and whether their layers are in the model's order.
  private static func list(
    _ root: borrowing HDF5Group, _ kernels: Arrangement, _ outline: KerasOutline?
  ) throws(HDF5Error) -> (tensors: [WeightsFile.StoredTensor], isOrdered: Bool) {
    let kinds = Dictionary(
      outline?.layers.filter { $0.layers == nil }.map { ($0.name, $0.kind) } ?? [],
      uniquingKeysWith: { first, _ in first })
    let brief = Set(outline?.leaves.filter(\.isBFloat16).map(\.name) ?? [])
    var tensors: [WeightsFile.StoredTensor] = []
    var isOrdered = true
    for layer in try root.stringsIfAny("layer_names") ?? [] {
      let group = try root.group(layer)
      let names = try group.stringsIfAny("weight_names") ?? []
      var found: [(path: String, shape: [Int], type: String)] = []
      for name in names {
        let dataset = try group.dataset(name)
        found.append((dataset.path, dataset.shape, dataset.elementType.description))
      }
      let named = KerasWeightNames(
        group: layer, weightNames: names, ranks: found.map(\.shape.count), isLayer: kinds[layer] != nil)
      if named.hasSeveralLayers { isOrdered = false }
      for (index, (key, found)) in zip(named.keys, found).enumerated() {
        // Keras 3 names such a kernel as any other.
        let isDepthwise =
          kernels == .same && found.shape.count == 4
          && (named.depthwise.contains(index) || kinds[layer] == "DepthwiseConv2D")
        // Keras 3 says nothing of these two bytes beside the layer's own type.
        let name = key.layer.split(separator: "/").last.map(String.init) ?? ""
        let type = found.type == "opaque" && brief.contains(name) ? "bfloat16" : found.type
        tensors.append(
          WeightsFile.StoredTensor(
            layer: key.layer, kind: key.kind, path: found.path, storedShape: found.shape, elementType: type,
            arrangement: isDepthwise ? .depthwise : found.shape.count == 4 ? kernels : .same))
      }
    }
    return (tensors, isOrdered)
  }

  /// Keras 0, which ran on Theano: `layer_k/param_p`, layers by their numbers, `[out, in, height, width]` and mirrored.
  private static func oldestListing(
    of file: borrowing HDF5File, forced: FlattenOrder?
  ) throws(HDF5Error) -> WeightsListing {
    let count = try file.number(ofAttribute: "nb_layers", as: Int.self)
    var tensors: [WeightsFile.StoredTensor] = []
    for index in 0..<max(0, count) {
      let group = try file.group("layer_\(index)")
      var found: [(path: String, shape: [Int], type: String)] = []
      while group.child("param_\(found.count)") == .dataset {
        let dataset = try group.dataset("param_\(found.count)")
        found.append((dataset.path, dataset.shape, dataset.elementType.description))
      }
      let roles = TensorRole.roles(byRanks: found.map(\.shape.count))
      for (position, found) in found.enumerated() {
        tensors.append(
          WeightsFile.StoredTensor(
            layer: "layer_\(index)", kind: roles?[position].rawValue ?? "\(position)", path: found.path,
            storedShape: found.shape, elementType: found.type,
            arrangement: found.shape.count == 4 ? .kernel(isMirrored: true) : .same))
      }
    }
    return WeightsListing(
      layout: "Keras legacy, Keras 0 on Theano (mirrored kernels)", order: forced ?? .chw, tensors: tensors,
      hasNames: false, layerOrder: .whole)
  }
}
