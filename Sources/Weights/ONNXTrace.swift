internal import Support

/// Follows the shapes of maps through an ONNX graph, from its declared inputs to the first layers with rows.
struct ONNXTrace {
  private let graph: ONNXGraph
  private let layers: [Int: String]
  private var constants: ONNXConstants
  private var shapes: [String: TracedShape] = [:]
  /// Layers whose rows are in an order that no layout has.
  private(set) var refusals: [String: Refusal] = [:]

  /// - Parameter layers: the names of the layers by the positions of their nodes.
  init(_ graph: ONNXGraph, layers: [Int: String]) {
    (self.graph, self.layers) = (graph, layers)
    constants = ONNXConstants(graph)
  }

  /// The order in which maps become rows; and by layer whose input can be followed, the map, or nil for features.
  ///
  /// - Throws: `FileError` where two layers have their rows in different orders.
  mutating func flattening(path: String) throws(FileError) -> (FlattenOrder, [String: FlattenedMap?]) {
    for (name, extents) in graph.inputs { shapes[name] = Self.images(extents) }
    var maps: [String: FlattenedMap?] = [:]
    var isComplete = true
    var orders: [(FlattenOrder, String)] = []
    for (index, node) in graph.nodes.enumerated() {
      if let layer = layers[index], node.operation == "Gemm" || node.operation == "MatMul" {
        switch features(of: node)?.rows {
        case .features: maps.updateValue(nil, forKey: layer)
        case .map(let map, let order):
          if let order { orders.append((order, layer)) }
          if let map { maps.updateValue(map, forKey: layer) }
        case .permuted: refusals[layer] = .permutedRows(of: layer)
        case .odd, nil: isComplete = false
        }
      }
      if let output = node.outputs.first { shapes[output] = shape(after: node) }
    }
    guard let first = orders.first else { return (isComplete ? .chw : guessedOrder(), maps) }
    if let other = orders.first(where: { $0.0 != first.0 }) {
      throw FileError(
        what: "\(first.1) and \(other.1) have the positions of flattened maps in different orders", path: path,
        expected: "one order", action: "export its parts separately")
    }
    return (first.0, maps)
  }

  /// Images `[N, C, H, W]`, or `[N, H, W, C]` where the last extent alone is one of channels.
  private static func images(_ extents: [Int?]) -> TracedShape? {
    if extents.count == 2 { return .features(extents[1]) }
    guard extents.count == 4 else { return nil }
    func isChannels(_ extent: Int?) -> Bool { extent.map { $0 <= 4 } ?? false }
    return isChannels(extents[3]) && !isChannels(extents[1])
      ? .maps(height: extents[1], width: extents[2], channels: extents[3], isChannelsFirst: false)
      : .maps(height: extents[2], width: extents[3], channels: extents[1], isChannelsFirst: true)
  }

  private mutating func shape(after node: ONNXGraph.Node) -> TracedShape? {
    // Of an operation on two values, that which is not a constant.
    let computed = node.inputs.filter { !$0.isEmpty && constants.constant($0) == nil }
    if node.operation == "Conv" {
      guard let kernel = constants.constant(node.inputs.count > 1 ? node.inputs[1] : "")?.entry.shape, kernel.count == 4
      else { return nil }
      // Its output is maps, whatever its input is.
      return computed.first.flatMap { shapes[$0] }.flatMap {
        windowed($0, node, kernel: Array(kernel[2...]), channels: kernel[0])
      } ?? .maps(height: nil, width: nil, channels: kernel[0], isChannelsFirst: true)
    }
    guard let name = computed.first, let input = shapes[name] else { return nil }
    switch node.operation {
    case "MaxPool", "AveragePool", "LpPool":
      return node.integers["kernel_shape"].flatMap { windowed(input, node, kernel: $0, channels: nil) }
    case "GlobalAveragePool", "GlobalMaxPool": return pooled(input)
    case "ReduceMean", "ReduceMax":
      guard input.isMaps, let axes = givenAxes(of: node)?.map({ $0 < 0 ? $0 + 4 : $0 }),
        Set(axes.filter((0..<4).contains).map { input.axes[$0][0].role }) == [.height, .width], axes.count == 2
      else { return nil }
      guard var result = pooled(input) else { return nil }
      if node.integers["keepdims"]?.first == 0 { for axis in axes.sorted(by: >) { result.axes.remove(at: axis) } }
      return result
    case "Flatten": return (node.integers["axis"] ?? [1]) == [1] ? input.flattened() : nil
    case "Reshape":
      let attribute: [Int?]? = node.integers["shape"]
      guard let target = attribute ?? extents(node.inputs.count > 1 ? node.inputs[1] : "") else { return nil }
      // 0 keeps an extent.
      return input.reshaped(
        target.enumerated().map { index, extent in extent == 0 ? Self.size(input, index) : extent })
    case "Squeeze":
      let axes = Set((givenAxes(of: node) ?? []).map { $0 < 0 ? $0 + input.axes.count : $0 })
      guard !axes.isEmpty, axes.allSatisfy({ input.axes.indices.contains($0) && Self.size(input, $0) == 1 }) else {
        return nil
      }
      var result = input
      for axis in axes.sorted(by: >) { result.axes.remove(at: axis) }
      return result
    case "Transpose": return input.transposed(node.integers["perm"] ?? Array(input.axes.indices.reversed()))
    case "Gemm", "MatMul":
      guard computed.count == 1, let weight = constants.constant(node.inputs.count > 1 ? node.inputs[1] : ""),
        weight.entry.shape.count == 2, !input.axes.isEmpty
      else { return nil }
      guard var result = features(of: node) else { return nil }
      let isTransposed = node.operation == "Gemm" && node.integers["transB"] ?? [0] != [0]
      result.axes[result.axes.count - 1] = [
        .init(role: input.isMaps ? .channel : .feature, size: weight.entry.shape[isTransposed ? 0 : 1])
      ]
      return result
    case "Concat":
      let parts = computed.compactMap { shapes[$0] }
      guard parts.count == node.inputs.count, input.isMaps, parts.allSatisfy({ $0.isMaps }),
        let axis = node.integers["axis"]?.first.map({ $0 < 0 ? $0 + 4 : $0 }), (0..<4).contains(axis),
        parts.allSatisfy({ $0.axes[axis][0].role == .channel })
      else { return nil }
      var result = input
      let channels = parts.compactMap { $0[.channel] }
      result[.channel] = channels.count == parts.count ? channels.reduce(0, +) : nil
      return result
    case "Relu", "LeakyRelu", "PRelu", "Elu", "Selu", "Celu", "Sigmoid", "Tanh", "Clip", "HardSigmoid", "HardSwish",
      "Softplus", "Softsign", "Erf", "Sqrt", "Exp", "Abs", "Neg", "Gelu", "Mish", "Softmax", "LogSoftmax",
      "BatchNormalization", "InstanceNormalization", "LRN", "Dropout", "Identity", "Cast", "LpNormalization",
      "Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Sum", "Mean":
      // A constant of more axes would add axes.
      let ranks = node.inputs.compactMap { constants.constant($0)?.entry.shape.count }
      return computed.allSatisfy { shapes[$0]?.axes.count == input.axes.count }
        && ranks.allSatisfy { $0 <= input.axes.count } ? input : nil
    default: return nil
    }
  }

  /// An attribute, or in later versions the second input.
  private mutating func givenAxes(of node: ONNXGraph.Node) -> [Int]? {
    node.integers["axes"] ?? (node.inputs.count > 1 ? constants.constant(node.inputs[1])?.integers : nil)
  }

  /// What a Gemm or MatMul multiplies, one row per image.
  private func features(of node: ONNXGraph.Node) -> TracedShape? {
    let input = node.inputs.first.flatMap { shapes[$0] }
    let isTransposed = node.operation == "Gemm" && node.integers["transA"] ?? [0] != [0]
    return isTransposed ? input?.transposed([1, 0]) : input
  }

  private func pooled(_ input: TracedShape) -> TracedShape? {
    guard input.isMaps else { return nil }
    var result = input
    (result[.height], result[.width]) = (1, 1)
    return result
  }

  /// Convolution and pooling, whose input is `[N, C, H, W]` whatever it was before.
  private func windowed(
    _ input: TracedShape, _ node: ONNXGraph.Node, kernel: [Int], channels: Int?
  ) -> TracedShape? {
    guard input.axes.count == 4, kernel.count == 2, input.axes.allSatisfy({ $0.count == 1 }) else { return nil }
    let sizes = input.axes.map { $0[0].size }
    let maps = TracedShape.maps(height: sizes[2], width: sizes[3], channels: sizes[1], isChannelsFirst: true)
    let strides = node.integers["strides"] ?? [1, 1]
    let dilations = node.integers["dilations"] ?? [1, 1]
    let pads = node.integers["pads"] ?? [0, 0, 0, 0]
    guard strides.count == 2, dilations.count == 2, pads.count == 4,
      (kernel + dilations + pads).allSatisfy({ (0...1 << 20).contains($0) })
    else { return nil }
    let automatic = node.texts["auto_pad"] ?? "NOTSET"
    let padding: TracedShape.Padding =
      automatic.hasPrefix("SAME")
      ? .same : automatic == "VALID" ? .none : .sides(height: pads[0] + pads[2], width: pads[1] + pads[3])
    return maps.windowed(
      kernel: ((kernel[0] - 1) * dilations[0] + 1, (kernel[1] - 1) * dilations[1] + 1),
      strides: (strides[0], strides[1]),
      padding: padding, isCeiling: node.integers["ceil_mode"]?.first == 1, channels: channels)
  }

  private static func size(_ shape: TracedShape, _ axis: Int) -> Int? {
    guard shape.axes.indices.contains(axis) else { return nil }
    return shape.axes[axis].reduce(Int?.some(1)) { product, factor in
      product.flatMap { product in factor.size.flatMap { $0 < 1 << 24 && product < 1 << 32 ? product * $0 : nil } }
    }
  }

  /// The extents that a Reshape gets: a constant, or a Concat whose computed parts, such as the number of images, are nil.
  private mutating func extents(_ name: String) -> [Int?]? {
    if let integers = constants.constant(name)?.integers { return integers }
    guard let index = graph.producers[name], graph.nodes[index].operation == "Concat" else { return nil }
    var extents: [Int?] = []
    for part in graph.nodes[index].inputs {
      if let integers = constants.constant(part)?.integers { extents += integers } else { extents.append(nil) }
    }
    return extents
  }

  /// Whether the graph turns maps to (y, x, c) before the first layer with rows, where shapes cannot be followed: looks back
  /// to a Transpose or a convolution.
  private mutating func guessedOrder() -> FlattenOrder {
    guard let first = graph.nodes.firstIndex(where: { $0.operation == "Gemm" || $0.operation == "MatMul" }) else {
      return .chw
    }
    var node = graph.nodes[first]
    var seen: Set<String> = []
    while true {
      guard let input = node.inputs.first(where: { constants.constant($0) == nil }), seen.insert(input).inserted,
        let producer = graph.producers[input], graph.nodes[producer].operation != "Conv"
      else { return .chw }
      node = graph.nodes[producer]
      if node.operation == "Transpose" {
        let order = node.integers["perm"]
        if let layer = layers[first], order?.count == 4, order != [0, 2, 3, 1], order != [0, 3, 1, 2] {
          refusals[layer] = .permutedRows(of: layer)
        }
        return order == [0, 2, 3, 1] ? .hwc : .chw
      }
    }
  }
}
