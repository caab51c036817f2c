internal import Networks

extension KerasOutline {
  /// What the model does besides its weights.
  var network: NetworkOutline {
    var follower = KerasFollower()
    _ = follower.follow(
      layers, isSequential: isSequential, outputs: outputs, from: [NetworkOutline.images], under: "")
    return follower.outline
  }
}

/// Follows the layers of a Keras model into an outline.
private struct KerasFollower {
  private(set) var outline = NetworkOutline()

  /// Adds a model's layers and returns the steps that its output comes from.
  mutating func follow(
    _ layers: [KerasOutline.Layer], isSequential: Bool, outputs: [String], from input: [Int], under path: String
  ) -> [Int] {
    var steps: [String: [Int]] = [:]
    var last = input
    for layer in layers {
      let given = isSequential ? last : (layer.inputs ?? []).flatMap { steps[$0] ?? [] }
      if layer.kind == "InputLayer" {
        last = input
      } else if let inner = layer.layers {
        last = follow(
          inner, isSequential: layer.kind == "Sequential", outputs: layer.settings["output_layers"].kerasInputs,
          from: given, under: path + layer.name + "/")
      } else {
        last = given
        for operation in layer.operations(under: path) { last = [outline.add(operation, after: last)] }
      }
      steps[layer.name] = last
    }
    return outputs.count == 1 ? steps[outputs[0]] ?? last : last
  }
}

extension KerasOutline.Layer {
  /// What it does, one after another.
  fileprivate func operations(under path: String) -> [NetworkOutline.Operation] {
    let name = path + name
    let own: NetworkOutline.Operation
    switch kind {
    case "BatchNormalization": own = .layer(name, epsilon: Float(settings["epsilon"].number ?? 1e-3))
    case _ where kind.contains("Conv") || kind == "Dense": own = .layer(name)
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
    case "Add", "Average", "Concatenate", "Dropout", "Flatten", "GaussianDropout", "GaussianNoise", "Maximum",
      "Minimum",
      "Multiply", "Permute", "Reshape", "Softmax", "SpatialDropout2D", "Subtract", "ZeroPadding2D", "Activation",
      _ where kind.hasPrefix("Random"):
      own = .other
    default: own = .operation(kind)
    }
    return [own, activation].compactMap(\.self)
  }

  /// The function that is applied to its output.
  private var activation: NetworkOutline.Operation? {
    let value = settings["activation"]
    let kind = value.string ?? value["config"].string ?? value["class_name"].string ?? "linear"
    return switch kind {
    case "linear", "softmax": nil
    case "relu", "ReLU": .relu()
    case "relu6": .relu(hasLimit: true)
    default: .operation(kind.replacing("_", with: " "))
    }
  }

  private func extents(_ value: JSONValue) -> [Int] { (value.array ?? [value]).compactMap(\.integer) }
}
