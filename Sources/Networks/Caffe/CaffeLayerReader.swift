import Kernels
import Layers
import Tensors

/// Converts the layers of a Caffe network to descriptions, in order.
struct CaffeLayerReader {
  /// The supported layer types of Caffe.
  static let known = [
    "Input", "Data", "Convolution", "Pooling", "LRN", "ReLU", "InnerProduct", "Dropout", "BatchNorm with Scale",
    "Concat",
    "Eltwise", "Flatten", "Softmax",
  ]

  /// A blob between layers.
  struct Blob {
    /// The node that makes it; nil for images.
    var node: Int?
    var shape: Shape
    /// The name of the BatchNorm that makes it.
    var normalization: String?
    /// Whether it is probabilities.
    var hasEnded = false
    var isUsed = false
  }

  /// The shape of a blob for one image; the extent of maps is nil where it is not known.
  enum Shape: Equatable {
    case maps(Extent?)
    case features
  }

  private(set) var size: Extent?
  private(set) var channels: Int?
  private(set) var classes: Int?
  /// What the source of data does to images, in words.
  private(set) var preparation: [String] = []
  /// The BatchNorm of each Scale.
  private(set) var partners: [String: String] = [:]
  var problems: [String] = []
  var graph = LayerGraph()
  private var blobs: [String: Blob] = [:]
  /// The names of blobs in the order in which they were made.
  private var order: [String] = []

  /// - Parameter network: the whole text, whose `input` may name images.
  init(_ network: TextMessage) {
    guard let input = network.text("input") else { return }
    let shapes = network.messages("input_shape").map { $0.integers("dim") }
    takeInput(input, shapes.first ?? Array(network.integers("input_dim").prefix(4)))
  }

  /// Reads the next layer.
  mutating func read(_ layer: CaffeLayer) {
    if layer.name.contains(".") { problems.append("the name \(layer.name) contains a dot") }
    switch layer.kind {
    case "Input":
      if let output = layer.outputs.first {
        takeInput(output, layer.settings.message("input_param").messages("shape").first?.integers("dim") ?? [])
      }
    case "Data", "ImageData", "HDF5Data", "MemoryData", "DummyData", "WindowData": takeData(layer)
    case "Accuracy", "SoftmaxWithLoss", "Silence": break
    case "Softmax", "Split", "Dropout", "ReLU", "Flatten", "Convolution", "Pooling", "LRN", "InnerProduct",
      "BatchNorm", "Scale":
      guard layer.inputs.count == 1, let input = blobs[layer.inputs[0]] else {
        problems.append("\(layer.name) gets \(layer.inputs.isEmpty ? "nothing" : layer.inputs.joined(separator: ", "))")
        return
      }
      if input.hasEnded { problems.append("\(layer.name) comes after a softmax") }
      blobs[layer.inputs[0]]?.isUsed = true
      put(output(of: layer, from: input), as: layer)
    case "Eltwise", "Concat": join(layer)
    default: problems.append("\(layer.name) is a \(layer.kind)")
    }
  }

  /// The layers, whose last has its outputs unspecified for the number of classes; and the problems.
  mutating func finish() -> (layers: [LayerDescription], problems: [String]) {
    let ends = order.filter { blobs[$0]?.isUsed == false && blobs[$0]?.node != nil }
    guard ends.count == 1, let node = ends.first.flatMap({ blobs[$0]?.node }) else {
      return ([], problems + [ends.isEmpty ? "it has no end" : "it ends in \(ends.joined(separator: ", "))"])
    }
    guard problems.isEmpty, var layers = graph.layers(to: node) else {
      return ([], problems.isEmpty ? ["its branches cross, or nest in over 32 of one another"] : problems)
    }
    var isSpatial = true
    for index in layers.indices {
      isSpatial = isSpatial && layers[index].layer.isSpatial
      layers[index].name = (isSpatial ? "features." : "head.") + layers[index].name
    }
    if let last = layers.lastIndex(where: { !($0.layer is ReLULayer) }),
      var classifier = layers[last].layer as? LinearLayer
    {
      (classes, classifier.outputs) = (classifier.outputs, nil)
      layers[last].layer = classifier
    }
    return (layers, [])
  }

  private mutating func put(_ blob: Blob, as layer: CaffeLayer) {
    let names = layer.outputs.isEmpty ? layer.inputs : layer.outputs
    for name in names {
      var blob = blob
      // A layer in place makes another blob of the same name.
      blob.isUsed = false
      blobs[name] = blob
      order.removeAll { $0 == name }
      order.append(name)
    }
  }

  private mutating func takeInput(_ name: String, _ extents: [Int]) {
    guard extents.count == 4 || extents.isEmpty, extents.allSatisfy({ $0 > 0 }) else {
      problems.append("its input \(name) has the shape \(extents), not 4 dimensions (images, channels, height, width)")
      return
    }
    guard !blobs.values.contains(where: { $0.node == nil }) else {
      problems.append("it has several inputs, the last of which is \(name)")
      return
    }
    if extents.count == 4 { (channels, size) = (extents[1], Extent(height: extents[2], width: extents[3])) }
    blobs[name] = Blob(node: nil, shape: .maps(size))
  }

  /// Images of a source of data, whose size a crop fixes; labels are not needed.
  private mutating func takeData(_ layer: CaffeLayer) {
    guard let name = layer.outputs.first else { return }
    let transform = layer.settings.message("transform_param")
    let crop = transform.integer("crop_size") ?? 0
    for key in ["scale", "mean_value", "mean_file"] where transform.text(key) != nil {
      preparation.append("\(key) \(transform.texts(key).joined(separator: ", "))")
    }
    let memory = layer.settings.message("memory_data_param")
    let images = layer.settings.message("image_data_param")
    var sides = (height: crop, width: crop)
    if crop == 0 {
      sides = (
        memory.integer("height") ?? images.integer("new_height") ?? 0,
        memory.integer("width") ?? images.integer("new_width") ?? 0
      )
    }
    let own = memory.integer("channels")
    takeInput(name, sides.height > 0 && sides.width > 0 ? [1, own ?? 3, sides.height, sides.width] : [])
    // A database may hold images of one channel.
    channels = own
  }

  private mutating func output(of layer: CaffeLayer, from input: Blob) -> Blob {
    var output = input
    (output.normalization, output.hasEnded) = (nil, false)
    func append(_ layers: [LayerDescription]) { output.node = graph.add(.chain(layers), inputs: [input.node]) }
    switch layer.kind {
    case "Softmax": (output.hasEnded, output.node) = (true, graph.add(.chain([]), inputs: [input.node]))
    case "Split": output.node = graph.add(.chain([]), inputs: [input.node])
    case "Dropout":
      let rate = layer.settings.message("dropout_param").number("dropout_ratio") ?? 0.5
      if !(0..<1).contains(rate) { problems.append("\(layer.name) has ratio \(rate), not in [0, 1)") }
      append([LayerDescription(layer.name, DropoutLayer(rate: rate))])
    case "ReLU":
      if layer.settings.message("relu_param").number("negative_slope") ?? 0 != 0 {
        problems.append("\(layer.name) is not a plain ReLU")
      }
      append([LayerDescription(layer.name, ReLULayer())])
    case "Flatten":
      let settings = layer.settings.message("flatten_param")
      if settings.integer("axis") ?? 1 != 1 || settings.integer("end_axis") ?? -1 != -1 {
        problems.append("\(layer.name) flattens other axes")
      }
      append(input.shape == .features ? [] : [LayerDescription(layer.name, FlattenLayer())])
      output.shape = .features
    case "InnerProduct":
      let settings = layer.settings.message("inner_product_param")
      guard let outputs = settings.integer("num_output"), outputs > 0, settings.integer("axis") ?? 1 == 1 else {
        problems.append("\(layer.name) has no num_output, or another axis")
        break
      }
      if settings.bool("transpose") == true {
        problems.append(
          "\(layer.name) has transpose: true, which tells of its weight and not of the network: describe it under "
            + "network.layers, where a .caffemodel that Caffe wrote says so itself")
      }
      let linear = LayerDescription(
        layer.name, LinearLayer(outputs: outputs, hasBias: settings.bool("bias_term") ?? true))
      append(
        (input.shape == .features ? [] : [LayerDescription(layer.name + "_flatten", FlattenLayer())]) + [linear])
      output.shape = .features
    case "BatchNorm":
      let settings = layer.settings.message("batch_norm_param")
      append([
        LayerDescription(
          layer.name,
          BatchNormalizationLayer(
            epsilon: settings.number("eps") ?? 1e-5,
            momentum: 1 - (settings.number("moving_average_fraction") ?? 0.999)))
      ])
      output.normalization = layer.name
    case "Scale":
      // Of a batch normalization, whose layer has it.
      let settings = layer.settings.message("scale_param")
      if input.normalization == nil || settings.integer("axis") ?? 1 != 1 {
        problems.append("\(layer.name) is a Scale that follows no BatchNorm")
      }
      partners[layer.name] = input.normalization
      append([])
    case "Convolution": convolution(layer, input, &output)
    case "LRN": normalization(layer, input, &output)
    default: pooling(layer, input, &output)
    }
    return output
  }

  private mutating func join(_ layer: CaffeLayer) {
    let inputs = layer.inputs.compactMap { blobs[$0] }
    guard inputs.count == layer.inputs.count, inputs.count > 1, let first = inputs.first else {
      problems.append("\(layer.name) gets \(layer.inputs.joined(separator: ", "))")
      return
    }
    for name in layer.inputs { blobs[name]?.isUsed = true }
    if inputs.contains(where: { $0.shape != first.shape }) {
      problems.append("\(layer.name) joins maps of different extents")
    }
    var output = first
    output.normalization = nil
    if layer.kind == "Concat" {
      let settings = layer.settings.message("concat_param")
      if settings.integer("axis") ?? settings.integer("concat_dim") ?? 1 != 1 {
        problems.append("\(layer.name) concatenates another axis than the channels")
      }
      output.node = graph.add(.concatenation(layer.name), inputs: inputs.map(\.node))
    } else {
      let settings = layer.settings.message("eltwise_param")
      let isSum = ["SUM", "1"].contains(settings.text("operation") ?? "SUM")
      if !isSum || settings.texts("coeff").contains(where: { Float($0) != 1 }) || inputs.count != 2 {
        problems.append("\(layer.name) is not the plain sum of two inputs")
      }
      output.node = graph.add(.sum(layer.name), inputs: inputs.map(\.node))
    }
    put(output, as: layer)
  }
}
