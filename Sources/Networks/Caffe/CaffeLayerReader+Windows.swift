import Layers
import Tensors

/// Layers on maps: windows that slide over them, and normalization across their channels.
extension CaffeLayerReader {
  mutating func convolution(_ layer: CaffeLayer, _ input: Blob, _ output: inout Blob) {
    let settings = layer.settings.message("convolution_param")
    guard case .maps = input.shape, let outputs = settings.integer("num_output"), outputs > 0,
      let kernel = sides(settings, "kernel_size", "kernel_h", "kernel_w"),
      let stride = sides(settings, "stride", "stride_h", "stride_w", or: 1),
      let padding = sides(settings, "pad", "pad_h", "pad_w", or: 0),
      let dilation = sides(settings, "dilation", "dilation_h", "dilation_w", or: 1), kernel.area > 0, stride.area > 0,
      dilation.area > 0, let groups = Optional(settings.integer("group") ?? 1), groups > 0
    else {
      problems.append("\(layer.name) has no num_output and kernel_size, or gets no maps")
      return
    }
    if stride.height != stride.width { problems.append("\(layer.name) has different strides per side") }
    if dilation.height != dilation.width { problems.append("\(layer.name) has different dilations per side") }
    append(
      layer,
      ConvolutionLayer(
        outputs: outputs, kernel: kernel, stride: stride.height, padding: Padding(padding), dilation: dilation.height,
        groups: groups, hasBias: settings.bool("bias_term") ?? true), groups, input, &output)
  }

  mutating func pooling(_ layer: CaffeLayer, _ input: Blob, _ output: inout Blob) {
    let settings = layer.settings.message("pooling_param")
    let method = settings.text("pool") ?? "MAX"
    guard case .maps = input.shape, ["MAX", "AVE", "0", "1"].contains(method) else {
      problems.append("\(layer.name) pools by \(method), or gets no maps")
      return
    }
    let isMax = method == "MAX" || method == "0"
    if settings.bool("global_pooling") == true {
      if isMax { problems.append("\(layer.name) is global max pooling") }
      output.node = graph.add(
        .chain([LayerDescription(layer.name, GlobalAveragePoolingLayer())]), inputs: [input.node])
      output.shape = .features
      return
    }
    guard let kernel = sides(settings, "kernel_size", "kernel_h", "kernel_w"),
      let stride = sides(settings, "stride", "stride_h", "stride_w", or: 1),
      let padding = sides(settings, "pad", "pad_h", "pad_w", or: 0), kernel.height == kernel.width,
      stride.height == stride.width, kernel.height > 0, stride.height > 0,
      max(padding.height, padding.width) <= kernel.height / 2
    else {
      problems.append("\(layer.name) has no square kernel and strides, or pads of more than half its kernel")
      return
    }
    let (size, step, pad) = (kernel.height, stride.height, Padding(padding))
    // Caffe rounds up unless it is told not to, which at stride 1 changes nothing, and counts the padding in a mean.
    let roundsUp = step > 1 && ["CEIL", "0"].contains(settings.text("round_mode") ?? "CEIL")
    append(
      layer,
      isMax
        ? MaxPoolingLayer(size: size, stride: step, padding: pad, ceilMode: roundsUp)
        : AveragePoolingLayer(size: size, stride: step, padding: pad, ceilMode: roundsUp), 1, input, &output)
  }

  mutating func normalization(_ layer: CaffeLayer, _ input: Blob, _ output: inout Blob) {
    let settings = layer.settings.message("lrn_param")
    let (size, k) = (settings.integer("local_size") ?? 5, settings.number("k") ?? 1)
    let (alpha, beta) = (settings.number("alpha") ?? 1, settings.number("beta") ?? 0.75)
    guard case .maps = input.shape, ["ACROSS_CHANNELS", "0"].contains(settings.text("norm_region") ?? "0") else {
      problems.append("\(layer.name) is an LRN within channels, or gets no maps")
      return
    }
    guard (1...1023).contains(size), size % 2 == 1, k > 0, (0..<1000).contains(alpha), (0..<100).contains(beta) else {
      problems.append("\(layer.name) has an even local_size, or numbers out of range")
      return
    }
    output.node = graph.add(
      .chain([
        LayerDescription(
          layer.name,
          LocalResponseNormalizationLayer(size: size, alpha: Float(alpha), beta: Float(beta), k: Float(k)))
      ]), inputs: [input.node])
  }

  /// Appends a layer on maps whose channels are a multiple of the groups, and notes the extent of what it makes.
  private mutating func append(
    _ layer: CaffeLayer, _ description: any Layer, _ groups: Int, _ input: Blob, _ output: inout Blob
  ) {
    output.node = graph.add(.chain([LayerDescription(layer.name, description)]), inputs: [input.node])
    guard case .maps(let extent?) = input.shape else { return }
    do {
      let shape = try description.outputShape(of: .maps(extent, channels: groups), named: layer.name)
      if case .maps(let extent, _) = shape { output.shape = .maps(extent) }
    } catch { problems.append(error.description) }
  }

  /// The two sides of a setting: one number, two, or one of each name.
  private func sides(
    _ settings: TextMessage, _ both: String, _ height: String, _ width: String, or fallback: Int? = nil
  ) -> Extent? {
    let sides = settings.integers(both)
    let range = 0...1024
    if let height = settings.integer(height), let width = settings.integer(width) {
      return range.contains(height) && range.contains(width) ? Extent(height: height, width: width) : nil
    }
    guard let first = sides.first ?? fallback, let last = sides.last ?? fallback, sides.count <= 2,
      range.contains(first), range.contains(last)
    else { return nil }
    return Extent(height: first, width: last)
  }
}

extension Padding {
  /// As many rows above and below as the extent's height, and as many columns on either side as its width.
  fileprivate init(_ sides: Extent) {
    self.init(top: sides.height, left: sides.width, bottom: sides.height, right: sides.width)
  }
}
