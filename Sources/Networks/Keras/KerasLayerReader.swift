import Kernels
import Layers
import Tensors

/// Converts the layers of a Keras configuration to descriptions, in order.
struct KerasLayerReader {
  /// The supported layer classes of Keras.
  static let known = [
    "InputLayer", "Conv2D", "DepthwiseConv2D", "Dense", "MaxPooling2D", "AveragePooling2D", "GlobalAveragePooling2D",
    "BatchNormalization", "ReLU", "Activation", "Softmax", "Flatten", "Dropout", "ZeroPadding2D",
  ]

  private(set) var layers: [LayerDescription] = []
  private(set) var inputExtent: Extent?
  private(set) var inputChannels: Int?
  private(set) var classes: Int?
  private var problems: [String] = []
  /// The extent of the maps after the layers so far, if the model fixes it.
  private var extent: Extent?
  /// Channels of the maps after the layers so far.
  private var channels: Int?
  /// Zeros that a ZeroPadding2D adds to the padding of the next convolution.
  private var zeros: Padding = 0
  private var isSpatial = true
  private var hasEnded = false

  /// Adds a problem that may follow from one before it, which is then named alone.
  private mutating func addConsequence(_ problem: String) { if problems.isEmpty { problems.append(problem) } }

  /// Reads the next layer.
  ///
  /// - Parameter path: the names of the models within the model that it is in, with a dot after each; or one name for the
  ///   layer, where several have its own.
  mutating func read(_ layer: JSONValue, under path: String = "", as unique: String? = nil) {
    let kind = layer.kerasClass ?? "?"
    let values = layer["config"]
    let own = values["name"].string ?? layer["name"].string ?? kind
    if own.contains(".") { problems.append("the name \(own) contains a dot") }
    let name = unique ?? path + own
    if let shape = (values["batch_input_shape"].array ?? values["batch_shape"].array), inputChannels == nil {
      takeInput(shape)
    }
    if hasEnded { addConsequence("\(name) comes after a softmax") }
    if zeros != 0, !["Conv2D", "DepthwiseConv2D", "ZeroPadding2D"].contains(kind) {
      addConsequence("zero padding before \(name), which is not a convolution")
      zeros = 0
    }
    if let format = values["data_format"].string, format != "channels_last" {
      problems.append("\(name) has data_format \(format), not channels_last")
    }
    switch kind {
    case "InputLayer": break
    case "Conv2D", "DepthwiseConv2D": convolution(name, values, isDepthwise: kind != "Conv2D")
    case "Dense": linear(name, values)
    case "MaxPooling2D", "AveragePooling2D": pooling(name, values, isMax: kind == "MaxPooling2D")
    case "GlobalAveragePooling2D":
      isSpatial = false
      if values["keepdims"].bool == true { problems.append("\(name) has keepdims") }
      append(name, GlobalAveragePoolingLayer())
    case "Flatten":
      isSpatial = false
      append(name, FlattenLayer())
    case "Dropout":
      let rate = float(values["rate"], or: 0.5)
      if !(0..<1).contains(rate) { problems.append("\(name) has rate \(rate), not in [0, 1)") }
      append(name, DropoutLayer(rate: rate))
    case "BatchNormalization": normalization(name, values)
    case "ReLU":
      let (slope, maximum) = (values["negative_slope"].number ?? 0, values["max_value"].number)
      if slope != 0 || (values["threshold"].number ?? 0) != 0 || maximum.map({ $0 <= 0 }) == true {
        problems.append("\(name) has a slope, a threshold or a maximum of 0")
      }
      append(name, ReLULayer(maximum: maximum.map(Float.init)))
    case "Activation": activate(name, values["activation"], alone: true)
    case "Softmax": hasEnded = true
    case "ZeroPadding2D": pad(name, values["padding"])
    default: problems.append("\(name) is a \(kind)")
    }
  }

  /// Leaves the outputs of the last layer unspecified, for the number of classes; returns the problems.
  mutating func finish() -> [String] {
    if zeros != 0 { addConsequence("zero padding at the end") }
    if let last = layers.lastIndex(where: { !($0.layer is ReLULayer) }),
      var classifier = layers[last].layer as? LinearLayer
    {
      (classes, classifier.outputs) = (classifier.outputs, nil)
      layers[last].layer = classifier
    }
    return problems
  }

  private mutating func append(_ name: String, _ layer: any Layer) {
    layers.append(LayerDescription((isSpatial ? "features." : "head.") + name, layer))
  }

  private mutating func takeInput(_ shape: [JSONValue]) {
    guard shape.count == 4 else {
      problems.append("its input has \(shape.count) dimensions, not 4 (images, height, width, channels)")
      return
    }
    guard let channels = shape[3].integer, channels > 0 else {
      problems.append("its input has \(shape[3].number ?? 0) channels")
      return
    }
    (inputChannels, self.channels) = (channels, channels)
    if let height = shape[1].integer, let width = shape[2].integer, height > 0, width > 0 {
      inputExtent = Extent(height: height, width: width)
    }
    extent = inputExtent
  }

  private mutating func convolution(_ name: String, _ values: JSONValue, isDepthwise: Bool) {
    let multiplied = values["depth_multiplier"].integer.flatMap { multiplier in
      channels.map { $0.multipliedReportingOverflow(by: multiplier).partialValue }
    }
    guard let outputs = isDepthwise ? multiplied : values["filters"].integer, outputs > 0,
      let kernel = pair(values["kernel_size"]), let strides = pair(values["strides"])
    else {
      problems.append("\(name) has no filters, kernel_size or strides")
      return
    }
    let dilations = pair(values["dilation_rate"]) ?? Extent(height: 1, width: 1)
    if strides.height != strides.width { problems.append("\(name) has different strides per side") }
    if dilations.height != dilations.width { problems.append("\(name) has different dilations per side") }
    let window = Extent(
      height: dilations.height * (kernel.height - 1) + 1, width: dilations.height * (kernel.width - 1) + 1)
    let padding = zeros + padding(name, values, window, strides.height)
    zeros = 0
    let layer = ConvolutionLayer(
      outputs: outputs, kernel: kernel, stride: strides.height, padding: padding, dilation: dilations.height,
      groups: isDepthwise ? channels ?? 1 : values["groups"].integer ?? 1, hasBias: values["use_bias"].bool ?? true)
    append(name, layer)
    channels = outputs
    shrink(by: layer, name)
    activate(name, values["activation"], alone: false)
  }

  private mutating func linear(_ name: String, _ values: JSONValue) {
    guard let outputs = values["units"].integer, outputs > 0 else {
      problems.append("\(name) has no units")
      return
    }
    if isSpatial { addConsequence("\(name) is a Dense layer on maps") }
    append(name, LinearLayer(outputs: outputs, hasBias: values["use_bias"].bool ?? true))
    activate(name, values["activation"], alone: false)
  }

  private mutating func pooling(_ name: String, _ values: JSONValue, isMax: Bool) {
    guard let size = pair(values["pool_size"]), let strides = pair(values["strides"]) ?? pair(values["pool_size"]),
      size.height == size.width, strides.height == strides.width
    else {
      problems.append("\(name) has no square pool_size and strides")
      return
    }
    let padding = padding(name, values, size, strides.height)
    let layer: any Layer =
      isMax
      ? MaxPoolingLayer(size: size.height, stride: strides.height, padding: padding)
      : AveragePoolingLayer(size: size.height, stride: strides.height, padding: padding, countIncludePad: padding == 0)
    append(name, layer)
    shrink(by: layer, name)
  }

  private mutating func normalization(_ name: String, _ values: JSONValue) {
    let axis = values["axis"].integer ?? values["axis"].array?.first?.integer ?? -1
    if axis != -1, axis != (isSpatial ? 3 : 1) { addConsequence("\(name) normalizes axis \(axis), not the channels") }
    // Keras's momentum is the share of the old running statistics, ours is that of the batch's.
    append(
      name,
      BatchNormalizationLayer(
        epsilon: float(values["epsilon"], or: 1e-3), momentum: Float(1 - (values["momentum"].number ?? 0.99))))
  }

  private mutating func activate(_ name: String, _ activation: JSONValue, alone: Bool) {
    switch activation.kerasActivation {
    case "linear": break
    case "relu": append(alone ? name : name + "_relu", ReLULayer())
    case "softmax": hasEnded = true
    case let kind: problems.append("\(name) has the activation \(kind)")
    }
  }

  /// A number, `[vertical, horizontal]` or `[[top, bottom], [left, right]]`.
  private mutating func pad(_ name: String, _ padding: JSONValue) {
    let sides = (padding.array ?? [padding, padding]).map { side in
      (side.array ?? [side, side]).map { $0.integer ?? -1 }
    }
    guard sides.count == 2, sides.allSatisfy({ $0.count == 2 && $0.allSatisfy((0...1024).contains) }) else {
      problems.append("\(name) has no padding of two sides")
      return
    }
    zeros = zeros + Padding(top: sides[0][0], left: sides[1][0], bottom: sides[0][1], right: sides[1][1])
  }

  /// Zeros on each side; "same" means those that give ⌈extent / stride⌉ outputs, of which an odd one is at the end.
  private mutating func padding(_ name: String, _ values: JSONValue, _ window: Extent, _ stride: Int) -> Padding {
    guard values["padding"].string == "same" else { return 0 }
    func total(_ window: Int, _ extent: Int?, _ zeros: Int) -> Int? {
      if stride == 1 { return window - 1 }
      return extent.map { $0 + zeros }.map { max(0, (($0 + stride - 1) / stride - 1) * stride + window - $0) }
    }
    guard stride > 0, let rows = total(window.height, extent?.height, zeros.top + zeros.bottom),
      let columns = total(window.width, extent?.width, zeros.left + zeros.right)
    else {
      addConsequence("\(name) has padding \"same\", which depends on the extent of its maps, and the model fixes none")
      return 0
    }
    return Padding(top: rows / 2, left: columns / 2, bottom: rows - rows / 2, right: columns - columns / 2)
  }

  private mutating func shrink(by layer: any Layer, _ name: String) {
    guard let old = extent else { return }
    let groups = (layer as? ConvolutionLayer)?.groups ?? 1
    do {
      if case .maps(let extent, _) = try layer.outputShape(of: .maps(old, channels: groups), named: name) {
        self.extent = extent
      }
    } catch { addConsequence(error.description) }
  }

  /// A number or a list of two as an extent.
  private func pair(_ value: JSONValue) -> Extent? {
    let sides = (value.array ?? [value]).map { $0.integer ?? 0 }
    guard let height = sides.first, let width = sides.last, sides.count <= 2, height > 0, width > 0,
      max(height, width) <= 1024
    else { return nil }
    return Extent(height: height, width: width)
  }

  private func float(_ value: JSONValue, or fallback: Double) -> Float { Float(value.number ?? fallback) }
}
