internal import Support

/// The weights of an ONNX graph by the operations that use them: Conv, Gemm, MatMul with Add, BatchNormalization.
enum ONNXLayout {
  static func open(
    _ path: String, forced: FlattenOrder?
  ) throws(FileError) -> (WeightsListing, ByteStore) {
    var reader = ProtobufReader(try RawFile(reading: path))
    let graph = try ONNXGraph(&reader)
    var layers = ONNXLayers(graph, path: path)
    var tensors: [WeightsFile.StoredTensor] = []
    var entries = graph.initializers.mapValues(\.entry)
    var used: Set<String> = []
    var names: [Int: String] = [:]
    for (index, node) in graph.nodes.enumerated() {
      let found = try layers.tensors(of: node)
      guard let first = found.first else { continue }
      var layer = name(of: first.base.name, node: node)
      if names.values.contains(layer) { layer += "#\(names.count + 1)" }
      names[index] = layer
      for tensor in found {
        entries[tensor.entry.name] = tensor.entry
        used.insert(tensor.base.name)
        var stored = WeightsFile.StoredTensor(
          layer: layer, kind: tensor.kind, path: tensor.entry.name, storedShape: tensor.entry.shape,
          elementType: tensor.entry.type, arrangement: tensor.arrangement)
        stored.factor = tensor.factor
        tensors.append(stored)
      }
    }
    guard !tensors.isEmpty else {
      throw FileError(
        what: "an ONNX graph whose Conv, Gemm and MatMul have no initializers", path: path,
        action: "export it with its parameters")
    }
    var trace = ONNXTrace(graph, layers: names)
    let (order, maps) = try trace.flattening(path: path)
    var follower = ONNXFollower(graph, layers: names, biases: layers.biasNodes)
    follower.follow()
    let unused = graph.initializers.values.map(\.entry).filter { $0.element != nil && !used.contains($0.name) }
    var listing = WeightsListing(
      layout: "ONNX" + (order == .hwc ? ", channels put last before flattening" : ""), order: forced ?? order,
      tensors: tensors, layerOrder: .whole, flattenedMaps: maps)
    listing.outline = follower.outline
    listing.refusals = follower.refusals.merging(forced == nil ? trace.refusals : [:]) { first, _ in first }
    listing.leftovers =
      [Leftovers("initializers that no layer has", unused.map(\.name).sorted(by: isInNaturalOrder))].compactMap(\.self)
    return (listing, ByteStore(reader.finish(), Array(entries.values)))
  }

  /// A layer's name from its weight's: `features.0` of `features.0.weight`, `fc1` of `net/fc1/MatMul/ReadVariableOp:0`.
  private static func name(of initializer: String, node: ONNXGraph.Node) -> String {
    for suffix in [".weight", ".scale"] where initializer.hasSuffix(suffix) {
      return String(initializer.dropLast(suffix.count))
    }
    let operations: Set<String> = [
      "ReadVariableOp", "convolution", "Conv2D", "Cast", "MatMul", "BiasAdd", "Squeeze", "Tensordot",
    ]
    var parts = initializer.split(separator: "/").map(String.init)
    guard parts.count > 1 else { return node.name.isEmpty ? initializer : node.name }
    while parts.count > 1, let last = parts.last, operations.contains(String(last.prefix { $0 != ":" && $0 != "_" })) {
      parts.removeLast()
    }
    return parts[parts.count - 1]
  }
}
