internal import Networks

extension KerasOutline {
  /// How maps become the rows of Dense layers.
  struct Flattening {
    /// By the path of each Dense layer whose input can be followed, the map that was flattened into it, or nil for features.
    fileprivate(set) var maps: [String: FlattenedMap?] = [:]
    /// The order of the first map's positions; nil where no flattening of a map can be followed.
    fileprivate(set) var order: FlattenOrder?
    /// The first layer with that order.
    fileprivate var first = ""
    /// Layers whose rows are in no order that can be read, or in another than those of the first.
    fileprivate(set) var refusals: [String: Refusal] = [:]
  }

  /// How maps become the rows of Dense layers, followed from the images on.
  var flattening: Flattening {
    var trace = KerasTrace(hasChannelsFirst: hasChannelsFirstImages)
    _ = trace.follow(layers, isSequential: isSequential, outputs: outputs, from: [nil], under: "")
    return trace.flattening
  }

  /// The order of rows that the settings of layers suggest where maps cannot be followed.
  ///
  /// - Parameter keepsOrder: whether `Flatten` leaves channels where they are, as Keras 1's did.
  func suggestedOrder(keepsOrder: Bool = false) -> FlattenOrder {
    hasChannelsFirst && (keepsOrder || !flattensToChannelsLast) ? .chw : .hwc
  }

  /// Whether a convolution has its channels first.
  var hasChannelsFirst: Bool { leaves.contains { $0.kind.contains("Conv") && $0.isChannelsFirst } }

  /// Whether `Flatten` knows that channels are first, and puts them last.
  private var flattensToChannelsLast: Bool { leaves.contains { $0.kind == "Flatten" && $0.isChannelsFirst } }

  /// Whether images have their channels first: by the first layer of maps, unless axes are permuted before it.
  private var hasChannelsFirstImages: Bool {
    leaves.first { $0.kind == "Permute" || $0.kind != "Flatten" && $0.settings["data_format"].string != nil }?
      .isChannelsFirst ?? false
  }

  /// All layers but models, in order.
  var leaves: [Layer] { layers.flatMap(\.leaves) }
}

extension KerasOutline.Layer {
  fileprivate var leaves: [KerasOutline.Layer] { layers.map { $0.flatMap(\.leaves) } ?? [self] }

  fileprivate var isChannelsFirst: Bool {
    settings["data_format"].string == "channels_first" || settings["dim_ordering"].string == "th"
  }
}

/// Follows the shapes of maps through a Keras model.
private struct KerasTrace {
  private(set) var flattening = KerasOutline.Flattening()
  private let hasChannelsFirst: Bool
  /// Whether axes have been permuted.
  private var isPermuted = false

  /// - Parameter hasChannelsFirst: whether images have their channels first.
  init(hasChannelsFirst: Bool) { self.hasChannelsFirst = hasChannelsFirst }

  /// The shapes of a model's outputs.
  ///
  /// - Parameter inputs: the shapes that the model gets; `nil` where only its own input layer tells.
  mutating func follow(
    _ layers: [KerasOutline.Layer], isSequential: Bool, outputs: [KerasTensor], from inputs: [TracedShape?],
    under path: String
  ) -> [TracedShape?] {
    var shapes: [String: [TracedShape?]] = [:]
    func shape(_ tensor: KerasTensor) -> TracedShape? {
      guard let known = shapes[tensor.layer], known.indices.contains(tensor.output) else { return nil }
      return known[tensor.output]
    }
    var last = inputs
    var rest = inputs[...]
    for layer in layers {
      if layer.kind == "InputLayer" {
        let given = inputs.count == 1 ? inputs[0] : rest.popFirst() ?? nil
        last = [given ?? self.shape(of: layer.settings)]
      } else {
        let given: [TracedShape?] = isSequential ? last : (layer.inputs ?? []).map(shape)
        last = self.outputs(of: layer, from: given, under: path + layer.name)
      }
      shapes[layer.name] = last
    }
    return outputs.isEmpty ? last : outputs.map(shape)
  }

  private mutating func outputs(
    of layer: KerasOutline.Layer, from inputs: [TracedShape?], under path: String
  ) -> [TracedShape?] {
    // Sequential models may have the shape in their first layer.
    let input = inputs.first.flatMap(\.self) ?? (inputs.count <= 1 ? shape(of: layer.settings) : nil)
    guard let inner = layer.layers else { return [output(of: layer, from: inputs, input, under: path)] }
    return follow(
      inner, isSequential: layer.kind == "Sequential", outputs: layer.settings["output_layers"].kerasTensors,
      from: inputs.count > 1 ? inputs : [input], under: path + "/")
  }

  private mutating func output(
    of layer: KerasOutline.Layer, from inputs: [TracedShape?], _ input: TracedShape?, under path: String
  ) -> TracedShape? {
    let values = layer.settings
    // What a class of another package does to a map is not known.
    guard layer.custom == nil || layer.kind == "Dense" || layer.kind.contains("Conv") else { return nil }
    switch layer.kind {
    case "Dense":
      record(input, path)
      guard var output = input, let units = values["units"].integer, !output.axes.isEmpty else { return nil }
      output.axes[output.axes.count - 1] = [.init(role: output.isMaps ? .channel : .feature, size: units)]
      return output
    case "Conv2D", "SeparableConv2D":
      // Its output is maps, whatever its input is.
      return input.flatMap { windowed($0, values, "kernel_size", "filters") }
        ?? .maps(
          height: nil, width: nil, channels: values["filters"].integer,
          isChannelsFirst: values["data_format"].string == "channels_first")
    case "DepthwiseConv2D":
      let channels = input?[.channel].flatMap { channels in
        values["depth_multiplier"].integer.map { min($0, 1 << 20) * min(channels, 1 << 20) }
      }
      return input.flatMap { windowed($0, values, "kernel_size", nil) }.map { shape in
        var shape = shape
        shape[.channel] = channels
        return shape
      }
    case "MaxPooling2D", "AveragePooling2D": return input.flatMap { windowed($0, values, "pool_size", nil) }
    case "GlobalAveragePooling2D", "GlobalMaxPooling2D":
      guard var shape = input, shape.isMaps else { return nil }
      (shape[.height], shape[.width]) = (1, 1)
      if values["keepdims"].bool != true { shape.axes.removeAll { [.height, .width].contains($0[0].role) } }
      return shape
    case "ZeroPadding2D":
      guard let sides = sides(values["padding"]), var shape = input else { return nil }
      shape[.height] = shape[.height].map { $0 + sides.height }
      shape[.width] = shape[.width].map { $0 + sides.width }
      return shape
    case "Flatten":
      guard let shape = input else { return nil }
      // Keras puts channels last where it knows that they are first.
      let isFirst = values["data_format"].string == "channels_first" && shape.isMaps
      return (isFirst ? shape.transposed([0, 2, 3, 1]) : shape)?.flattened()
    case "Reshape": return values["target_shape"].array.flatMap { input?.reshaped([nil] + $0.map(\.integer)) }
    case "Permute":
      isPermuted = true
      return values["dims"].array.flatMap { dims in input?.transposed([0] + dims.map { $0.integer ?? -1 }) }
    case "Activation", "ReLU", "LeakyReLU", "PReLU", "ELU", "Softmax", "Dropout", "SpatialDropout2D", "GaussianNoise",
      "GaussianDropout", "BatchNormalization", "LayerNormalization", "GroupNormalization", "Rescaling", "Normalization",
      "RandomFlip", "RandomRotation", "RandomZoom", "RandomTranslation", "RandomContrast", "RandomBrightness":
      return input
    case "Add", "Subtract", "Multiply", "Average", "Maximum", "Minimum":
      return inputs.contains { $0 == nil } || Set(inputs.map { $0?.axes.count }).count > 1 ? nil : input
    case "Concatenate":
      let shapes = inputs.compactMap(\.self)
      guard shapes.count == inputs.count, var shape = shapes.first, shape.isMaps,
        [-1, shape.axes.count - 1].contains(values["axis"].integer ?? -1), shapes.allSatisfy(\.isMaps)
      else { return nil }
      let channels = shapes.compactMap { $0[.channel] }
      shape[.channel] = channels.count == shapes.count ? channels.reduce(0, +) : nil
      return shape
    default: return nil
    }
  }

  private mutating func record(_ input: TracedShape?, _ path: String) {
    switch input?.rows {
    case .features: flattening.maps.updateValue(nil, forKey: path)
    case .map(let map, let order):
      if let map { flattening.maps.updateValue(map, forKey: path) }
      guard let order else { return }
      if flattening.order == nil { (flattening.order, flattening.first) = (order, path) }
      if flattening.order != order {
        flattening.refusals[path] = .mixedRows(of: path, and: flattening.first)
      }
    case .permuted: flattening.refusals[path] = .permutedRows(of: path)
    case .odd, nil: if isPermuted { flattening.refusals[path] = .permutedRows(of: path) }
    }
  }

  /// The images of an input layer.
  private func shape(of values: JSONValue) -> TracedShape? {
    guard let sides = values["batch_shape"].array ?? values["batch_input_shape"].array else { return nil }
    if sides.count == 2 { return .features(sides[1].integer) }
    guard sides.count == 4 else { return nil }
    return hasChannelsFirst
      ? .maps(height: sides[2].integer, width: sides[3].integer, channels: sides[1].integer, isChannelsFirst: true)
      : .maps(height: sides[1].integer, width: sides[2].integer, channels: sides[3].integer, isChannelsFirst: false)
  }

  private func windowed(
    _ input: TracedShape, _ values: JSONValue, _ size: String, _ channels: String?
  ) -> TracedShape? {
    let isFirst = values["data_format"].string == "channels_first"
    guard input.isMaps, (input.axes[1][0].role == .channel) == isFirst, let kernel = pair(values[size]) else {
      return nil
    }
    let one = (height: 1, width: 1)
    let strides = pair(values["strides"]) ?? (size == "pool_size" ? kernel : one)
    let dilation = pair(values["dilation_rate"]) ?? one
    let outputs = channels.map { values[$0].integer ?? 0 }
    guard outputs.map({ $0 > 0 }) ?? true else { return nil }
    return input.windowed(
      kernel: ((kernel.height - 1) * dilation.height + 1, (kernel.width - 1) * dilation.width + 1), strides: strides,
      padding: values["padding"].string == "same" ? .same : .none, channels: outputs)
  }

  private func pair(_ value: JSONValue) -> (height: Int, width: Int)? {
    let sides = (value.array ?? [value]).map { $0.integer ?? 0 }
    guard let height = sides.first, let width = sides.last, sides.count <= 2, (1...4096).contains(height),
      (1...4096).contains(width)
    else { return nil }
    return (height, width)
  }

  /// Zeros above and below, and left and right, together.
  private func sides(_ value: JSONValue) -> (height: Int, width: Int)? {
    if let all = value.integer { return (2 * all, 2 * all) }
    let pairs = value.array?.compactMap { side in
      side.integer.map { 2 * $0 } ?? side.array.map { $0.reduce(0) { $0 + ($1.integer ?? 0) } }
    }
    guard let pairs, pairs.count == 2 else { return nil }
    return (pairs[0], pairs[1])
  }
}
