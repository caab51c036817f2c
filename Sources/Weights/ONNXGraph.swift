internal import Support

/// What weights need of an ONNX model: nodes with their attributes, and the initializers' places
/// (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
struct ONNXGraph {
  /// An operation.
  struct Node {
    var name = ""
    var operation = ""
    var inputs: [String] = []
    var outputs: [String] = []
    var integers: [String: [Int]] = [:]
    var floats: [String: Float] = [:]
    var texts: [String: String] = [:]
    /// The value of a Constant.
    var tensor: ONNXTensor?
  }

  private(set) var nodes: [Node] = []
  private(set) var initializers: [String: ONNXTensor] = [:]
  /// The declared shapes of the graph's inputs; a size is nil where it has a name or none.
  private(set) var inputs: [String: [Int?]] = [:]
  /// The node that makes a value.
  private(set) var producers: [String: Int] = [:]
  /// The nodes that take a value, in order.
  private(set) var consumers: [String: [Int]] = [:]

  /// Reads a model.
  ///
  /// - Throws: `FileError` where it is damaged, has no graph, calls functions of its own or keeps values in other files.
  init(_ reader: inout ProtobufReader) throws(FileError) {
    let model = try reader.fields(in: 0..<reader.size)
    let path = reader.path
    func refusal(_ what: String) -> FileError {
      FileError(
        what: what, path: path, expected: "one model, in which each name stands for one value",
        action: "it may be several files in one; export it again")
    }
    let graphs = model.count { $0.number == 7 }
    guard graphs <= 1 else { throw refusal("an ONNX model with \(graphs) graphs") }
    guard case .bytes(let graph)? = model.first(where: { $0.number == 7 })?.value else {
      throw FileError(what: "an ONNX model without a graph", path: reader.path, action: "export it again")
    }
    for (number, value) in try reader.fields(in: graph) {
      guard case .bytes(let range) = value else { continue }
      switch number {
      case 1: nodes.append(try Self.node(range, &reader))
      case 5:
        let tensor = try ONNXTensor(range, &reader)
        guard initializers.updateValue(tensor, forKey: tensor.entry.name) == nil else {
          throw refusal("the ONNX graph has two initializers \(tensor.entry.name)")
        }
      case 11: try readInput(range, &reader)
      case 15:
        throw FileError(
          what: "an ONNX model with sparse tensors", path: reader.path, action: "export it with dense ones")
      default: break
      }
    }
    for (index, node) in nodes.enumerated() {
      for output in node.outputs where !output.isEmpty {
        guard producers.updateValue(index, forKey: output) == nil, initializers[output] == nil else {
          throw refusal("the ONNX graph makes the value \(output) twice")
        }
      }
      for input in node.inputs { consumers[input, default: []].append(index) }
    }
    // Old models list their initializers among the inputs.
    for name in initializers.keys { inputs[name] = nil }
    if model.contains(where: { $0.number == 25 }) { try refuseFunctions(model, &reader) }
  }

  /// Throws where a node is a call of a function that the model defines.
  private func refuseFunctions(
    _ model: [(number: Int, value: ProtobufReader.Value)], _ reader: inout ProtobufReader
  ) throws(FileError) {
    var names: Set<String> = []
    for case (25, .bytes(let range)) in model {
      for case (1, .bytes(let name)) in try reader.fields(in: range) { names.insert(try reader.text(name)) }
    }
    guard let call = nodes.first(where: { names.contains($0.operation) }) else { return }
    throw FileError(
      what: "the graph calls \(call.operation), a function of the model's own", path: reader.path,
      expected: "a graph of ONNX's operations",
      action: "inline the functions: onnx.save(onnx.inliner.inline_local_functions(onnx.load(path)), other)")
  }

  /// Reads a ValueInfoProto: name, type (tensor_type (elem_type, shape (dim (dim_value, dim_param)))).
  private mutating func readInput(_ range: Range<Int>, _ reader: inout ProtobufReader) throws(FileError) {
    var name = ""
    var shape: [Int?]?
    for (number, value) in try reader.fields(in: range) {
      guard case .bytes(let range) = value else { continue }
      if number == 1 { name = try reader.text(range) }
      if number == 2 { shape = try Self.shape(ofType: range, &reader) }
    }
    if let shape { inputs[name] = shape }
  }

  private static func shape(ofType range: Range<Int>, _ reader: inout ProtobufReader) throws(FileError) -> [Int?]? {
    for case (1, .bytes(let tensor)) in try reader.fields(in: range) {
      for case (2, .bytes(let shape)) in try reader.fields(in: tensor) {
        var extents: [Int?] = []
        for case (1, .bytes(let dimension)) in try reader.fields(in: shape) {
          var extent: Int?
          for case (1, .number(let value)) in try reader.fields(in: dimension) {
            extent = value > 0 && value < 1 << 24 ? Int(value) : nil
          }
          extents.append(extent)
        }
        return extents
      }
    }
    return nil
  }

  private static func node(_ range: Range<Int>, _ reader: inout ProtobufReader) throws(FileError) -> Node {
    var node = Node()
    for (number, value) in try reader.fields(in: range) {
      guard case .bytes(let range) = value else { continue }
      switch number {
      case 1: node.inputs.append(try reader.text(range))
      case 2: node.outputs.append(try reader.text(range))
      case 3: node.name = try reader.text(range)
      case 4: node.operation = try reader.text(range)
      case 5: try readAttribute(range, of: &node, &reader)
      default: break
      }
    }
    return node
  }

  private static func readAttribute(
    _ range: Range<Int>, of node: inout Node, _ reader: inout ProtobufReader
  ) throws(FileError) {
    var name = ""
    var integers: [Int] = []
    var floats: [Float] = []
    var tensor: ONNXTensor?
    for (number, value) in try reader.fields(in: range) {
      switch (number, value) {
      case (1, .bytes(let text)): name = try reader.text(text)
      case (2, .fixed(let bits)), (7, .fixed(let bits)): floats.append(Float(bitPattern: bits))
      case (7, .bytes(let packed)): floats += try reader.floats(packed)
      case (3, .number(let number)), (8, .number(let number)): integers.append(Int(truncatingIfNeeded: number))
      // An attribute may hold any bytes; those that are no text are none that is looked for.
      case (4, .bytes(let text)):
        if text.count < 256 { node.texts[name] = String(validating: try reader.bytes(in: text), as: UTF8.self) }
      case (5, .bytes(let range)): if node.operation == "Constant" { tensor = try ONNXTensor(range, &reader) }
      case (8, .bytes(let packed)):
        integers += try reader.numbers(packed).map { Int(truncatingIfNeeded: $0) }
      default: break
      }
    }
    // The attributes in use are flags, extents and permutations.
    if !integers.isEmpty { node.integers[name] = Array(integers.prefix(16)) }
    if let float = floats.first { node.floats[name] = float }
    guard node.operation == "Constant" else { return }
    switch name {
    case "value_float", "value_floats":
      tensor = ONNXTensor(values: floats, shape: name == "value_float" ? [] : [floats.count])
    case "value_int", "value_ints":
      tensor = ONNXTensor(integers: integers, shape: name == "value_int" ? [] : [integers.count])
    default: break
    }
    if let tensor { node.tensor = tensor }
  }
}
