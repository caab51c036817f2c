internal import Support

/// The constants of an ONNX graph: initializers, Constant nodes, and what Transpose, Reshape, Squeeze, Unsqueeze, Flatten,
/// Identity and Cast make of them.
struct ONNXConstants {
  /// A constant tensor.
  struct Constant {
    /// With its steps; its name is the value's in the graph.
    var entry: ByteStore.Entry
    /// As the file has it.
    let base: ByteStore.Entry
    let integers: [Int]?
  }

  /// What a value is.
  enum Value {
    case constant(Constant)
    /// It follows from constants by an operation that is not computed here.
    case unknown(operation: String, node: String)
    /// It follows from an input of the graph.
    case computed
  }

  private let graph: ONNXGraph
  private var values: [String: Value] = [:]
  /// The operations between the value that is asked for and the one that is looked at; more are followed by no real graph.
  private var depth = 0
  private static let depthLimit = 64

  init(_ graph: ONNXGraph) { self.graph = graph }

  /// What the value of a name is.
  mutating func value(_ name: String) -> Value {
    if let known = values[name] { return known }
    // A name that leads to itself is no constant.
    values[name] = .computed
    depth += 1
    let value =
      depth > Self.depthLimit
      ? .unknown(operation: "chain of over \(Self.depthLimit) operations", node: "") : found(name)
    depth -= 1
    values[name] = value
    return value
  }

  /// The constant of a name.
  mutating func constant(_ name: String) -> Constant? {
    if case .constant(let constant) = value(name) { constant } else { nil }
  }

  private mutating func found(_ name: String) -> Value {
    if let tensor = graph.initializers[name] {
      return .constant(Constant(entry: tensor.entry, base: tensor.entry, integers: tensor.integers))
    }
    guard let index = graph.producers[name] else { return .computed }
    let node = graph.nodes[index]
    if node.operation == "Constant" {
      guard let tensor = node.tensor else { return .unknown(operation: node.operation, node: node.name) }
      var entry = tensor.entry
      entry.name = name
      return .constant(Constant(entry: entry, base: entry, integers: tensor.integers))
    }
    let inputs = node.inputs.filter { !$0.isEmpty }
    let known = inputs.map { value($0) }
    let isComputed = known.contains { if case .computed = $0 { true } else { false } }
    if isComputed || inputs.isEmpty { return .computed }
    for input in known { if case .unknown = input { return input } }
    guard let first = inputs.first, var result = constant(first), let entry = after(node, result.entry) else {
      return .unknown(operation: node.operation, node: node.name)
    }
    result.entry = entry
    result.entry.name = name
    return .constant(result)
  }

  /// A constant after a node that only arranges it; `nil` for another operation.
  private mutating func after(_ node: ONNXGraph.Node, _ entry: ByteStore.Entry) -> ByteStore.Entry? {
    let shape = entry.shape
    let second = node.inputs.count > 1 ? constant(node.inputs[1])?.integers : nil
    func reshaped(_ extents: [Int]?) -> ByteStore.Entry? {
      guard let extents, extents.allSatisfy({ $0 >= 0 }),
        ByteStore.Entry.count(of: extents) == ByteStore.Entry.count(of: shape)
      else { return nil }
      return entry.after(.reshaped(extents), shape: extents)
    }
    switch node.operation {
    case "Identity": return entry
    case "Cast": return [1, 10, 11, 16].contains(node.integers["to"]?.first ?? 0) ? entry : nil
    case "Transpose":
      let order = node.integers["perm"] ?? Array(shape.indices.reversed())
      guard order.sorted() == Array(shape.indices) else { return nil }
      return entry.after(.transposed(order), shape: order.map { shape[$0] })
    case "Reshape":
      guard let target = node.integers["shape"] ?? second else { return nil }
      var extents = target.enumerated().map { index, extent in
        extent == 0 && index < shape.count ? shape[index] : extent
      }
      if let open = extents.firstIndex(of: -1) {
        extents[open] = 1
        guard let rest = ByteStore.Entry.count(of: extents), let count = ByteStore.Entry.count(of: shape), rest > 0
        else { return nil }
        extents[open] = count / rest
      }
      return reshaped(extents)
    case "Squeeze":
      let axes = (node.integers["axes"] ?? second)?.map { $0 < 0 ? $0 + shape.count : $0 }
      return reshaped(
        shape.indices.filter { axis in axes.map { !$0.contains(axis) } ?? (shape[axis] != 1) }.map { shape[$0] })
    case "Unsqueeze":
      guard let axes = node.integers["axes"] ?? second else { return nil }
      let rank = shape.count + axes.count
      let places = Set(axes.map { $0 < 0 ? $0 + rank : $0 })
      guard places.count == axes.count, places.allSatisfy((0..<rank).contains), rank <= 64 else { return nil }
      var rest = shape[...]
      return reshaped((0..<rank).map { places.contains($0) ? 1 : rest.popFirst() ?? 1 })
    case "Flatten":
      let axis = node.integers["axis"]?.first ?? 1
      let split = axis < 0 ? axis + shape.count : axis
      guard (0...shape.count).contains(split) else { return nil }
      return reshaped([shape[..<split].reduce(1, *), shape[split...].reduce(1, *)])
    default: return nil
    }
  }
}
