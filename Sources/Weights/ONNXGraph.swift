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
    /// The value of a Constant.
    var tensor: ByteStore.Entry?
  }

  var nodes: [Node] = []
  var initializers: [String: ByteStore.Entry] = [:]
  /// The first Add that takes a value.
  var additions: [String: Node] = [:]

  /// Reads a model.
  /// - Throws: `FileError` where it is damaged, has no graph or keeps values in other files.
  init(_ reader: inout ProtobufReader) throws(FileError) {
    let model = try reader.fields(in: 0..<reader.size)
    guard case .bytes(let graph)? = model.first(where: { $0.number == 7 })?.value else {
      throw FileError(what: "an ONNX model without a graph", path: reader.path, action: "export it again")
    }
    for (number, value) in try reader.fields(in: graph) {
      guard case .bytes(let range) = value else { continue }
      if number == 1 {
        nodes.append(try Self.node(range, &reader))
      } else if number == 5 {
        let tensor = try Self.tensor(range, &reader)
        initializers[tensor.name] = tensor
      }
    }
    for node in nodes where node.operation == "Constant" {
      guard let output = node.outputs.first, let tensor = node.tensor else { continue }
      initializers[output] = ByteStore.Entry(
        name: output, shape: tensor.shape, element: tensor.element, type: tensor.type, offset: tensor.offset)
    }
    for node in nodes where node.operation == "Add" {
      for input in node.inputs where additions[input] == nil { additions[input] = node }
    }
    // A copy of an initializer under another name.
    for node in nodes where node.operation == "Identity" {
      guard let input = node.inputs.first, let output = node.outputs.first else { continue }
      initializers[output] = initializers[input]
    }
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
    var float: Float?
    for (number, value) in try reader.fields(in: range) {
      switch (number, value) {
      case (1, .bytes(let text)): name = try reader.text(text)
      case (2, .fixed(let bits)): float = Float(bitPattern: bits)
      case (3, .number(let number)), (8, .number(let number)): integers.append(Int(truncatingIfNeeded: number))
      case (5, .bytes(let tensor)): if node.operation == "Constant" { node.tensor = try Self.tensor(tensor, &reader) }
      case (8, .bytes(let packed)):
        integers += try reader.numbers(packed).map { Int(truncatingIfNeeded: $0) }
      default: break
      }
    }
    // The attributes in use are flags and permutations.
    if !integers.isEmpty { node.integers[name] = Array(integers.prefix(8)) }
    if let float { node.floats[name] = float }
  }

  private static func tensor(
    _ range: Range<Int>, _ reader: inout ProtobufReader
  ) throws(FileError) -> ByteStore.Entry {
    var name = ""
    var shape: [Int] = []
    var type: UInt64 = 0
    var places: [Range<Int>] = []
    var isExternal = false
    for (number, value) in try reader.fields(in: range) {
      switch (number, value) {
      case (1, .number(let extent)): shape.append(Int(truncatingIfNeeded: extent))
      case (1, .bytes(let packed)): shape += try reader.numbers(packed).map { Int(truncatingIfNeeded: $0) }
      case (2, .number(let number)): type = number
      case (8, .bytes(let text)): name = try reader.text(text)
      // raw_data; float_data and double_data are the same bytes.
      case (9, .bytes(let place)), (4, .bytes(let place)), (10, .bytes(let place)): places.append(place)
      case (13, _): isExternal = true
      case (14, .number(let location)): if location == 1 { isExternal = true }
      default: break
      }
    }
    guard !isExternal else {
      throw FileError(
        what: "the values of \(name) are in another file, which is never opened", path: reader.path,
        action: "save the model in one file")
    }
    guard let count = ByteStore.Entry.count(of: shape) else {
      throw FileError(
        what: "damaged ONNX file: \(name) has shape \(shape)", path: reader.path, action: "export it again")
    }
    let element = elements[type]
    if let element, count > 0 {
      let bytes = count.multipliedReportingOverflow(by: element.size)
      guard places.count == 1, !bytes.overflow, places[0].count == bytes.partialValue else {
        throw FileError(
          what: "\(name) has \(places.reduce(0) { $0 + $1.count }) bytes in \(places.count) fields", path: reader.path,
          expected: "raw_data or packed float_data for shape \(shape) of \(element)", action: "export it again")
      }
    }
    return ByteStore.Entry(
      name: name, shape: shape, element: element, type: element?.rawValue ?? "ONNX type \(type)",
      offset: places.first?.lowerBound ?? 0)
  }

  private static let elements: [UInt64: ByteStore.Entry.Element] = [
    1: .float32, 10: .float16, 11: .float64, 16: .bfloat16,
  ]
}
