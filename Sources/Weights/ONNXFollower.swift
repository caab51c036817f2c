internal import Networks

/// Follows the operations of an ONNX graph into an outline, and finds arithmetic on the outputs of its layers.
struct ONNXFollower {
  private let graph: ONNXGraph
  private let layers: [Int: String]
  private let biases: Set<Int>
  private var constants: ONNXConstants
  /// The steps of values that come from images.
  private var steps: [String: Int] = [:]
  /// The layers that values are the outputs of, through arrangements and functions.
  private var owners: [String: String] = [:]
  private(set) var outline = NetworkOutline()
  /// Layers whose outputs go through arithmetic that no layer has.
  private(set) var refusals: [String: Refusal] = [:]

  /// - Parameters:
  ///   - layers: the names of the layers by the positions of their nodes.
  ///   - biases: the positions of the nodes that add biases.
  init(_ graph: ONNXGraph, layers: [Int: String], biases: Set<Int>) {
    (self.graph, self.layers, self.biases) = (graph, layers, biases)
    constants = ONNXConstants(graph)
  }

  private static let arithmetic: Set<String> = ["Add", "Sub", "Mul", "Div", "Pow", "Sum", "Mean"]
  /// Operations on one value that have no numbers of their own: what follows them follows the layer.
  private static let functions: Set<String> = [
    "Relu", "LeakyRelu", "Clip", "Elu", "Selu", "Celu", "Sigmoid", "Tanh", "HardSigmoid", "HardSwish", "Softplus",
    "Softsign", "Gelu", "Mish", "Softmax", "LogSoftmax", "MaxPool", "AveragePool", "LpPool", "GlobalAveragePool",
    "GlobalMaxPool", "ReduceMean", "ReduceMax", "LRN", "Pad",
  ]
  /// Operations that change no value of a layer's output.
  private static let arrangements: Set<String> = [
    "Identity", "Cast", "Dropout", "Reshape", "Flatten", "Squeeze", "Unsqueeze", "Transpose",
  ]

  /// Operations on several values that come from images.
  private static let joins: [String: NetworkOutline.Operation] = [
    "Add": .sum, "Sum": .sum, "Sub": .join("difference", isOrdered: true), "Mul": .join("product"),
    "Div": .join("quotient", isOrdered: true), "Pow": .join("power", isOrdered: true), "Mean": .join("average"),
    "Concat": .concatenation,
  ]

  mutating func follow() {
    for (index, node) in graph.nodes.enumerated() {
      var inputs: [Int] = []
      var computed: [String] = []
      // What is made of shapes alone comes from no image.
      if ["Shape", "Size"].contains(node.operation) { continue }
      for name in node.inputs where !name.isEmpty {
        guard case .computed = constants.value(name) else { continue }
        if let step = steps[name] {
          inputs.append(step)
          computed.append(name)
        } else if graph.producers[name] == nil {
          inputs.append(NetworkOutline.images)
          computed.append(name)
        }
      }
      guard !inputs.isEmpty else { continue }
      // What comes from no image is a constant, whether it is computed here or not.
      let hasConstant = inputs.count < node.inputs.count { !$0.isEmpty }
      let isArithmetic = Self.arithmetic.contains(node.operation) && hasConstant && !biases.contains(index)
      let owner = computed.count == 1 ? owners[computed[0]] : nil
      if isArithmetic, let owner, graph.consumers[computed[0]]?.count == 1 {
        refusals[owner] = .arithmetic(node.operation, after: owner)
      }
      let step = outline.add(
        operation(of: node, at: index, isArithmetic: isArithmetic, inputs: inputs.count), after: inputs)
      for output in node.outputs { steps[output] = step }
      guard let output = node.outputs.first else { continue }
      let passesOn =
        biases.contains(index) || Self.arrangements.contains(node.operation) || Self.functions.contains(node.operation)
      owners[output] = layers[index] ?? (passesOn ? owner : nil)
    }
  }

  private mutating func operation(
    of node: ONNXGraph.Node, at index: Int, isArithmetic: Bool, inputs: Int
  ) -> NetworkOutline.Operation {
    if let layer = layers[index], node.operation == "Conv" {
      return .convolution(
        layer, stride: node.integers["strides"] ?? [], dilation: node.integers["dilations"] ?? [])
    }
    if let layer = layers[index] {
      return .layer(layer, epsilon: node.operation == "BatchNormalization" ? node.floats["epsilon"] ?? 1e-5 : nil)
    }
    if isArithmetic { return .operation("\(node.operation) with a constant") }
    switch node.operation {
    case "Relu": return .relu()
    case "Clip": return .relu(hasLimit: true)
    case "LeakyRelu": return .operation("leaky relu")
    case "MaxPool", "AveragePool":
      let size = node.integers["kernel_shape"] ?? []
      return .pooling(isMax: node.operation == "MaxPool", size: size, stride: node.integers["strides"] ?? [1, 1])
    case "GlobalAveragePool", "ReduceMean": return .globalPooling(isMax: false)
    case "GlobalMaxPool", "ReduceMax": return .globalPooling(isMax: true)
    case "LRN": return .responseNormalization
    case "Max", "Min":
      let isMax = node.operation == "Max"
      return inputs > 1
        ? .join(isMax ? "maximum" : "minimum") : .operation("\(isMax ? "maximum" : "minimum") with a constant")
    case _ where inputs > 1 && Self.joins[node.operation] != nil: return Self.joins[node.operation] ?? .other
    case "Add", "Sub", "Mul", "Div", "Pow", "Concat", "Sum", "Mean", "Softmax", "LogSoftmax", "Pad", "Split",
      _ where Self.arrangements.contains(node.operation):
      return .other
    default: return .operation(node.operation.lowercased())
    }
  }
}
