internal import Support

/// Finds the tensors of the layers in an ONNX graph.
struct ONNXLayers {
  /// A tensor of a layer.
  struct Found {
    let kind: String
    /// With its steps.
    var entry: ByteStore.Entry
    /// As the file has it.
    let base: ByteStore.Entry
    var arrangement: Arrangement
    var factor: Float = 1
  }

  private let graph: ONNXGraph
  private let path: String
  private var constants: ONNXConstants
  /// The positions of the Add nodes that put a bias on a layer's output.
  private(set) var biasNodes: Set<Int> = []

  init(_ graph: ONNXGraph, path: String) {
    (self.graph, self.path) = (graph, path)
    constants = ONNXConstants(graph)
  }

  /// The tensors of a node; none for an operation without weights, or of two computed values.
  ///
  /// - Throws: `FileError` for weights that are computed from constants in a way that is not read.
  mutating func tensors(of node: ONNXGraph.Node) throws(FileError) -> [Found] {
    switch node.operation {
    case "Conv": return try convolution(node)
    case "Gemm": return try product(node)
    case "MatMul":
      guard let weight = try constant(node, 1) else {
        try refuseWeightFirst(node)
        return []
      }
      guard weight.entry.shape.count == 2 else { return [] }
      return [Self.linear(weight, isTransposed: false)]
        + (addedBias(after: node, outputs: weight.entry.shape[1], isConvolution: false).map { [$0] } ?? [])
    case "BatchNormalization":
      var found: [Found] = []
      for (position, kind) in zip(1..., [TensorRole.scale, .offset, .mean, .variance]) {
        guard let tensor = try constant(node, position), tensor.entry.shape.count == 1 else { return [] }
        found.append(Found(kind: kind.rawValue, entry: tensor.entry, base: tensor.base, arrangement: .same))
      }
      return found
    case "ConvTranspose", "QLinearConv", "QLinearMatMul", "ConvInteger", "MatMulInteger", "QGemm":
      throw refusal(node, "is not read", expected: "Conv, Gemm, MatMul and BatchNormalization")
    default: return []
    }
  }

  private mutating func convolution(_ node: ONNXGraph.Node) throws(FileError) -> [Found] {
    guard let weight = try constant(node, 1), weight.entry.shape.count == 4 else { return [] }
    let outputs = weight.entry.shape[0]
    var kernel = Found(kind: "weight", entry: weight.entry, base: weight.base, arrangement: .kernel(isMirrored: false))
    // A kernel that was `[height, width, in, out]`, as ours are.
    if weight.entry.steps == [.transposed([3, 2, 0, 1])] { (kernel.entry, kernel.arrangement) = (weight.base, .same) }
    if let bias = try constant(node, 2) {
      guard let own = Self.bias(bias, outputs: outputs, factor: 1) else { throw misfit(node, bias, outputs) }
      return [kernel, own]
    }
    return [kernel] + (addedBias(after: node, outputs: outputs, isConvolution: true).map { [$0] } ?? [])
  }

  /// Gemm: α·A'·B' + β·C.
  private mutating func product(_ node: ONNXGraph.Node) throws(FileError) -> [Found] {
    guard let weight = try constant(node, 1) else {
      try refuseWeightFirst(node)
      return []
    }
    guard weight.entry.shape.count == 2 else { return [] }
    if node.integers["transA"] ?? [0] != [0], !isTransposed(node.inputs[0]) {
      throw refusal(node, "takes its features transposed (transA)", expected: "one row per image")
    }
    let isTransposed = node.integers["transB"] ?? [0] != [0]
    let outputs = weight.entry.shape[isTransposed ? 0 : 1]
    var found = Self.linear(weight, isTransposed: isTransposed)
    found.factor = node.floats["alpha"] ?? 1
    guard let bias = try constant(node, 2) else {
      return [found] + (addedBias(after: node, outputs: outputs, isConvolution: false).map { [$0] } ?? [])
    }
    guard let own = Self.bias(bias, outputs: outputs, factor: node.floats["beta"] ?? 1) else {
      throw misfit(node, bias, outputs)
    }
    return [found, own]
  }

  /// The constant at a position; `nil` where it is computed from an input of the graph, or there is none.
  private mutating func constant(
    _ node: ONNXGraph.Node, _ position: Int
  ) throws(FileError) -> ONNXConstants.Constant? {
    guard position < node.inputs.count, !node.inputs[position].isEmpty else { return nil }
    switch constants.value(node.inputs[position]) {
    case .constant(let constant): return constant
    case .computed: return nil
    case .unknown(let operation, let name):
      throw refusal(
        node, "gets \(node.inputs[position]) from a \(operation)\(name.isEmpty ? "" : " (\(name))")",
        expected: "an initializer, or one behind Transpose, Reshape, Identity or Cast")
    }
  }

  /// Throws for W·x, whose outputs are columns.
  private mutating func refuseWeightFirst(_ node: ONNXGraph.Node) throws(FileError) {
    guard try constant(node, 0) != nil else { return }
    throw refusal(node, "has its weight before its features", expected: "features · weight, one row per image")
  }

  private static func linear(_ weight: ONNXConstants.Constant, isTransposed: Bool) -> Found {
    // Behind one Transpose the file has it the other way around.
    if weight.entry.steps == [.transposed([1, 0])] {
      return Found(
        kind: "weight", entry: weight.base, base: weight.base, arrangement: isTransposed ? .same : .transposed)
    }
    return Found(
      kind: "weight", entry: weight.entry, base: weight.base, arrangement: isTransposed ? .transposed : .same)
  }

  /// A bias `[out]`, `[1, out]`, or one value for all outputs; `nil` for another shape.
  private static func bias(_ bias: ONNXConstants.Constant, outputs: Int, factor: Float) -> Found? {
    let shape = bias.entry.shape
    guard let count = ByteStore.Entry.count(of: shape) else { return nil }
    var found = Found(
      kind: "bias", entry: bias.entry, base: bias.base, arrangement: .same, factor: factor)
    if count == outputs, shape.last == outputs {
      if shape.count > 1 {
        found.entry = bias.entry.after(.reshaped([outputs]), shape: [outputs])
        found.entry.name += "[\(outputs)]"
      }
      return found
    }
    guard count == 1 else { return nil }
    found.entry = bias.entry.after(.repeated(outputs), shape: [outputs])
    found.entry.name += "[\(outputs)]"
    return found
  }

  /// The bias that an Add, the only one to get a node's output, puts on it.
  private mutating func addedBias(after node: ONNXGraph.Node, outputs: Int, isConvolution: Bool) -> Found? {
    guard let output = node.outputs.first, let consumers = graph.consumers[output], consumers.count == 1 else {
      return nil
    }
    let add = graph.nodes[consumers[0]]
    guard add.operation == "Add", let other = add.inputs.first(where: { $0 != output }),
      let bias = constants.constant(other)
    else { return nil }
    let shape = bias.entry.shape
    guard isConvolution else {
      guard shape.last == outputs, shape.dropLast().allSatisfy({ $0 == 1 }) else { return nil }
      biasNodes.insert(consumers[0])
      return Self.bias(bias, outputs: outputs, factor: 1)
    }
    // One value per channel, over all positions.
    guard shape == [1, outputs, 1, 1] || shape == [outputs, 1, 1] else { return nil }
    biasNodes.insert(consumers[0])
    var found = Found(kind: "bias", entry: bias.entry, base: bias.base, arrangement: .same)
    found.entry = bias.entry.after(.reshaped([outputs]), shape: [outputs])
    found.entry.name += "[\(outputs)]"
    return found
  }

  /// Whether a value is features `[N, in]` after a Transpose, through operations on each value by itself.
  private func isTransposed(_ name: String) -> Bool {
    var name = name
    for _ in 0..<16 {
      guard let index = graph.producers[name] else { return false }
      let node = graph.nodes[index]
      if node.operation == "Transpose" { return node.integers["perm"] ?? [1, 0] == [1, 0] }
      guard ["Relu", "Identity", "Dropout", "Cast"].contains(node.operation), let input = node.inputs.first else {
        return false
      }
      name = input
    }
    return false
  }

  private func misfit(_ node: ONNXGraph.Node, _ bias: ONNXConstants.Constant, _ outputs: Int) -> FileError {
    refusal(node, "has the bias \(bias.base.name) of shape \(bias.entry.shape)", expected: "[\(outputs)]")
  }

  private func refusal(_ node: ONNXGraph.Node, _ what: String, expected: String) -> FileError {
    FileError(
      what: "the \(node.operation) \(node.name.isEmpty ? node.outputs.first ?? "" : node.name) \(what)", path: path,
      expected: expected, action: "export the model in another way, such as without quantization")
  }
}
