import Layers
import Tensors

/// Layers with windows that slide over maps.
extension CaffeLayerReader {
  mutating func convolution(_ layer: CaffeLayer, _ input: Blob, _ output: inout Blob) {
    let settings = layer.settings.message("convolution_param")
    guard case .maps(let extent) = input.shape, let outputs = settings.integer("num_output"), outputs > 0,
      let kernel = sides(settings, "kernel_size", "kernel_h", "kernel_w"),
      let stride = sides(settings, "stride", "stride_h", "stride_w", or: 1),
      let padding = sides(settings, "pad", "pad_h", "pad_w", or: 0), kernel.height > 0, kernel.width > 0,
      stride.height > 0
    else {
      problems.append("\(layer.name) has no num_output and kernel_size, or gets no maps")
      return
    }
    if stride.height != stride.width { problems.append("\(layer.name) has different strides per side") }
    if padding.height != padding.width { problems.append("\(layer.name) has different pads per side") }
    if settings.integer("group") ?? 1 != 1 {
      problems.append("\(layer.name) has \(settings.integer("group") ?? 0) groups")
    }
    if settings.integers("dilation").contains(where: { $0 != 1 }) { problems.append("\(layer.name) has a dilation") }
    output.node = graph.add(
      .chain([
        LayerDescription(
          layer.name,
          ConvolutionLayer(
            outputs: outputs, kernel: Extent(height: kernel.height, width: kernel.width), stride: stride.height,
            padding: padding.height, hasBias: settings.bool("bias_term") ?? true))
      ]), inputs: [input.node])
    output.shape = .maps(
      extent.map { extent in
        Extent(
          height: Self.floored(extent.height, kernel.height, stride.height, padding.height),
          width: Self.floored(extent.width, kernel.width, stride.height, padding.height))
      })
  }

  /// Caffe rounds the extent after pooling up, Bulkhead down: only where both are one the network is the same.
  mutating func pooling(_ layer: CaffeLayer, _ input: Blob, _ output: inout Blob) {
    let settings = layer.settings.message("pooling_param")
    let method = settings.text("pool") ?? "MAX"
    guard case .maps(let extent) = input.shape, ["MAX", "AVE", "0", "1"].contains(method) else {
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
      stride.height == stride.width, padding.height == padding.width, kernel.height > 0, stride.height > 0
    else {
      problems.append("\(layer.name) has no square kernel, strides and pads")
      return
    }
    if !isMax, padding.height > 0 { problems.append("\(layer.name) is average pooling with a pad") }
    let (size, step, pad) = (kernel.height, stride.height, padding.height)
    let rounds = settings.text("round_mode") ?? "CEIL"
    if let extent {
      let down = (Self.floored(extent.height, size, step, pad), Self.floored(extent.width, size, step, pad))
      let up = (Self.ceiled(extent.height, size, step, pad), Self.ceiled(extent.width, size, step, pad))
      if down != up, rounds == "CEIL" || rounds == "0" {
        problems.append(
          "\(layer.name) makes maps of \(up.0) x \(up.1) of \(extent.height) x \(extent.width), as Caffe rounds up, and "
            + "rounded down they would be \(down.0) x \(down.1)")
      }
      output.shape = .maps(Extent(height: down.0, width: down.1))
    } else if step > 1, rounds == "CEIL" || rounds == "0" {
      problems.append(
        "\(layer.name) rounds the extent of its maps up, and the images' is not given (input_param with a shape, or "
          + "crop_size)")
    }
    output.node = graph.add(
      .chain([
        LayerDescription(
          layer.name,
          isMax
            ? MaxPoolingLayer(size: size, stride: step, padding: pad) : AveragePoolingLayer(size: size, stride: step))
      ]), inputs: [input.node])
  }

  private static func floored(_ extent: Int, _ size: Int, _ stride: Int, _ padding: Int) -> Int {
    max(0, extent + 2 * padding - size) / stride + 1
  }

  /// Caffe's `PoolingLayer::Reshape`: rounded up, and with padding no window begins in it at the end.
  private static func ceiled(_ extent: Int, _ size: Int, _ stride: Int, _ padding: Int) -> Int {
    let count = (max(0, extent + 2 * padding - size) + stride - 1) / stride + 1
    return padding > 0 && (count - 1) * stride >= extent + padding ? count - 1 : count
  }

  /// The two sides of a setting: one number, two, or one of each name.
  private func sides(
    _ settings: TextMessage, _ both: String, _ height: String, _ width: String, or fallback: Int? = nil
  ) -> (height: Int, width: Int)? {
    let sides = settings.integers(both)
    let range = 0...1024
    if let height = settings.integer(height), let width = settings.integer(width) {
      return range.contains(height) && range.contains(width) ? (height, width) : nil
    }
    guard let first = sides.first ?? fallback, let last = sides.last ?? fallback, sides.count <= 2,
      range.contains(first), range.contains(last)
    else { return nil }
    return (first, last)
  }
}
