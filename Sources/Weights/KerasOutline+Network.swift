internal import Networks

extension KerasOutline {
  /// What the model does besides its weights.
  var network: NetworkOutline {
    var follower = KerasFollower()
    _ = follower.follow(
      layers, isSequential: isSequential, outputs: outputs, from: [[NetworkOutline.images]], under: "")
    return follower.outline
  }
}

/// Follows the layers of a Keras model into an outline.
private struct KerasFollower {
  private(set) var outline = NetworkOutline()

  /// Adds a model's layers and returns for each of its outputs the steps that it comes from.
  mutating func follow(
    _ layers: [KerasOutline.Layer], isSequential: Bool, outputs: [KerasTensor], from inputs: [[Int]], under path: String
  ) -> [[Int]] {
    var steps: [String: [[Int]]] = [:]
    func found(_ tensor: KerasTensor) -> [Int] {
      guard let known = steps[tensor.layer], known.indices.contains(tensor.output) else { return [] }
      return known[tensor.output]
    }
    var last = inputs
    var rest = inputs[...]
    for layer in layers {
      let given = isSequential ? last : (layer.inputs ?? []).map(found)
      if layer.kind == "InputLayer" {
        last = inputs.count == 1 ? inputs : [rest.popFirst() ?? []]
      } else if let inner = layer.layers {
        last = follow(
          inner, isSequential: layer.kind == "Sequential", outputs: layer.settings["output_layers"].kerasTensors,
          from: given, under: path + layer.name + "/")
      } else {
        var end = given.flatMap(\.self)
        for operation in layer.operations(under: path, inputs: given.count) {
          end = [outline.add(operation, after: end)]
        }
        last = [end]
      }
      steps[layer.name] = last
    }
    return outputs.isEmpty ? last : outputs.map(found)
  }
}

extension KerasOutline.Layer {
  /// What it does to so many inputs, one after another.
  fileprivate func operations(under path: String, inputs: Int) -> [NetworkOutline.Operation] {
    let name = path + name
    if let custom {
      let hasWeights = kind.contains("Conv") || ["Dense", "BatchNormalization"].contains(kind)
      return (hasWeights ? [.layer(name)] : []) + [.operation(custom)]
    }
    let own: NetworkOutline.Operation
    switch kind {
    case "BatchNormalization": own = .layer(name, epsilon: Float(settings["epsilon"].number ?? 1e-3))
    case "Conv2D", "DepthwiseConv2D":
      own = .convolution(name, stride: extents(settings["strides"]), dilation: extents(settings["dilation_rate"]))
    case _ where kind.contains("Conv") || kind == "Dense": own = .layer(name)
    case "Add", "Subtract", "Multiply", "Divide", "TrueDivide", "Average", "Maximum", "Minimum":
      own = Self.join(kind, inputs: inputs)
    case "Concatenate": own = inputs > 1 ? .concatenation : .other
    case "MaxPooling2D", "AveragePooling2D":
      let size = extents(settings["pool_size"])
      let stride = extents(settings["strides"])
      own = .pooling(isMax: kind == "MaxPooling2D", size: size, stride: stride.isEmpty ? size : stride)
    case "GlobalAveragePooling2D", "GlobalMaxPooling2D": own = .globalPooling(isMax: kind == "GlobalMaxPooling2D")
    case "ReLU":
      let hasSlope = settings["negative_slope"].number ?? 0 != 0 || settings["threshold"].number ?? 0 != 0
      own = hasSlope ? .operation("leaky relu") : .relu(hasLimit: settings["max_value"].number != nil)
    case "LeakyReLU": own = .operation("leaky relu")
    case "Rescaling":
      func text(_ key: String) -> String { settings[key].number.map { "\($0)" } ?? "several numbers" }
      own = .operation("Rescaling (scale \(text("scale")), offset \(text("offset")))")
    case "Dropout", "Flatten", "GaussianDropout", "GaussianNoise", "Permute", "Reshape", "Softmax", "SpatialDropout2D",
      "ZeroPadding2D", "Activation",
      _ where kind.hasPrefix("Random"):
      own = .other
    default: own = .operation(kind)
    }
    return [own, activation].compactMap(\.self)
  }

  /// What joins several inputs, or puts one together with a constant.
  private static func join(_ kind: String, inputs: Int) -> NetworkOutline.Operation {
    guard inputs > 1 else { return .operation("\(kind) with a constant") }
    return switch kind {
    case "Add": .sum
    case "Subtract": .join("difference", isOrdered: true)
    case "Multiply": .join("product")
    case "Average": .join("average")
    case "Maximum": .join("maximum")
    case "Minimum": .join("minimum")
    default: .join("quotient", isOrdered: true)
    }
  }

  /// The function that is applied to its output.
  private var activation: NetworkOutline.Operation? {
    return switch settings["activation"].kerasActivation {
    case "linear", "softmax": nil
    case "relu", "ReLU": .relu()
    case "relu6": .relu(hasLimit: true)
    case let kind: .operation(kind.replacing("_", with: " "))
    }
  }

  private func extents(_ value: JSONValue) -> [Int] { (value.array ?? [value]).compactMap(\.integer) }
}
