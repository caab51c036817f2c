internal import Support

/// The weights of an ONNX graph by the operations that use them: Conv, Gemm, MatMul with Add, BatchNormalization.
enum ONNXLayout {
  static func open(
    _ path: String, forced: FlattenOrder?
  ) throws(FileError) -> (WeightsListing, ByteStore) {
    var reader = ProtobufReader(try RawFile(reading: path))
    let graph = try ONNXGraph(&reader)
    var tensors: [WeightsFile.StoredTensor] = []
    var names: Set<String> = []
    for node in graph.nodes {
      let found = try self.tensors(of: node, in: graph, path: path)
      guard let first = found.first else { continue }
      var layer = name(of: first.entry.name, node: node)
      if !names.insert(layer).inserted {
        layer += "#\(names.count)"
        names.insert(layer)
      }
      tensors += found.map { kind, entry, arrangement in
        WeightsFile.StoredTensor(
          layer: layer, kind: kind, path: entry.name, storedShape: entry.shape, elementType: entry.type,
          arrangement: arrangement)
      }
    }
    guard !tensors.isEmpty else {
      throw FileError(
        what: "an ONNX graph whose Conv, Gemm and MatMul have no initializers", path: path,
        action: "export it with its parameters")
    }
    let order = order(of: graph)
    let listing = WeightsListing(
      layout: "ONNX" + (order == .hwc ? ", channels put last before flattening" : ""), order: forced ?? order,
      tensors: tensors)
    return (listing, ByteStore(reader.finish(), Array(graph.initializers.values)))
  }

  private typealias Found = (kind: String, entry: ByteStore.Entry, arrangement: Arrangement)

  private static func tensors(
    of node: ONNXGraph.Node, in graph: ONNXGraph, path: String
  ) throws(FileError) -> [Found] {
    func initializer(_ position: Int) -> ByteStore.Entry? {
      position < node.inputs.count ? graph.initializers[node.inputs[position]] : nil
    }
    switch node.operation {
    case "Conv":
      guard let weight = initializer(1), weight.shape.count == 4 else { return [] }
      let bias = initializer(2) ?? addedBias(after: node, in: graph, outputs: weight.shape[0])
      return [("weight", weight, .kernel(isMirrored: false))] + (bias.map { [("bias", $0, .same)] } ?? [])
    case "Gemm":
      guard let weight = initializer(1), weight.shape.count == 2 else { return [] }
      let isPlain =
        node.floats["alpha"] ?? 1 == 1 && node.floats["beta"] ?? 1 == 1 && node.integers["transA"] ?? [0] == [0]
      guard isPlain else {
        throw FileError(
          what: "the Gemm \(node.name) has alpha, beta or transA", path: path, expected: "x·W + b",
          action: "export it without")
      }
      let isTransposed = node.integers["transB"] ?? [0] != [0]
      return [("weight", weight, isTransposed ? .transposed : .same)]
        + (initializer(2).map { [("bias", $0, .same)] } ?? [])
    case "MatMul":
      guard let weight = initializer(1), weight.shape.count == 2 else { return [] }
      let bias = addedBias(after: node, in: graph, outputs: weight.shape[1])
      return [("weight", weight, .same)] + (bias.map { [("bias", $0, .same)] } ?? [])
    case "BatchNormalization":
      guard let scale = initializer(1), let offset = initializer(2), let mean = initializer(3),
        let variance = initializer(4)
      else { return [] }
      return [("scale", scale, .same), ("offset", offset, .same), ("mean", mean, .same), ("variance", variance, .same)]
    default: return []
    }
  }

  /// The bias that an Add puts on a node's output.
  private static func addedBias(
    after node: ONNXGraph.Node, in graph: ONNXGraph, outputs: Int
  ) -> ByteStore.Entry? {
    guard let add = node.outputs.first.flatMap({ graph.additions[$0] }) else { return nil }
    return add.inputs.compactMap { graph.initializers[$0] }.first { $0.shape == [outputs] }
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

  /// Whether the graph turns maps to (y, x, c) before the first layer with rows.
  ///
  /// Looks back from that layer through operations that keep the order, to a Transpose or a convolution.
  private static func order(of graph: ONNXGraph) -> FlattenOrder {
    guard let first = graph.nodes.first(where: { $0.operation == "Gemm" || $0.operation == "MatMul" }) else {
      return .chw
    }
    var producers: [String: ONNXGraph.Node] = [:]
    for node in graph.nodes { for output in node.outputs { producers[output] = node } }
    var node = first
    var seen: Set<String> = []
    while true {
      guard let input = node.inputs.first(where: { producers[$0] != nil && graph.initializers[$0] == nil }),
        seen.insert(input).inserted,
        let producer = producers[input], producer.operation != "Conv"
      else { return .chw }
      if producer.operation == "Transpose" { return producer.integers["perm"] == [0, 2, 3, 1] ? .hwc : .chw }
      node = producer
    }
  }
}
