import CKernels
import COneDNN
package import Tensors

/// Two-dimensional convolution (cross-correlation, as in every framework) over maps that may differ in extent.
///
/// Maps `[positions, in]`, weight `[kh, kw, in / groups, out]`, bias `[out]`, result `[output positions, out]`. Input and
/// output channels are split into `groups` of neighbors; each group of outputs sees its group of inputs alone.
package struct Convolution: Sendable, Equatable {
  /// Kernel, stride, padding with zeros, and dilation.
  package let window: SlidingWindow
  /// The number of groups of channels; as many as channels for a depthwise convolution.
  package let groups: Int

  /// A convolution; traps unless kernel, stride, dilation and groups are positive and no padding is negative.
  package init(
    kernelHeight: Int, kernelWidth: Int, stride: Int = 1, padding: Padding = 0, dilation: Int = 1, groups: Int = 1
  ) {
    precondition(groups > 0, "Convolution: \(groups) groups")
    window = SlidingWindow(
      kernel: Extent(height: kernelHeight, width: kernelWidth), stride: stride, padding: padding, dilation: dilation)
    self.groups = groups
  }

  /// The output extent of a map; 0 if the padded map is smaller than the kernel.
  package func output(of map: Extent) -> Extent { window.output(of: map) }

  /// The output extents of a batch; traps if a padded map is smaller than the kernel.
  package func output(of extents: Extents) -> Extents { window.output(of: extents) }

  /// The convolution of `x`, then ReLU if `fusesReLU`.
  package func forward(
    _ x: Tensor, _ extents: Extents, weight: Tensor, bias: Tensor?, precision: Precision = .float32,
    fusesReLU: Bool = false
  ) -> Tensor {
    let outputs = output(of: extents)
    let (inputs, channels) = channels(of: weight, input: x)
    if isProduct(outputs, inputs: inputs, channels: channels, precision) {
      var result = Product.multiply(columns(of: x, extents), Self.matrix(weight))
      if let bias { Rows.add(bias: bias, to: &result) }
      if fusesReLU { Elementwise.relu(&result) }
      return result
    }
    var result = Tensor(uninitialized: [outputs.positionCount, channels])
    let tiles = tiles(extents, outputs, inputs, channels, limit: nil)
    let plans = tiles.map {
      plan(
        onednn_convolution_forward, extents.maps[$0.lowerBound], $0.count, inputs, channels, precision,
        hasBias: bias != nil)
    }
    let packed = PackedWeights(weight, plans)
    let noBias = Tensor(zeros: [0])
    x.withUnsafePointer { x in
      (bias ?? noBias).withUnsafePointer { bias in
        result.withUnsafeMutablePointer { y in
          ThreadPool.current.parallel(tiles.count) { tile in
            let (positions, outputPositions) = (extents.positions(tiles[tile]), outputs.positions(tiles[tile]))
            let y = y + outputPositions.lowerBound * channels
            packed.withPointer(tile) { packed in
              withOperand(x + positions.lowerBound * inputs, positions.count * inputs, precision) { x in
                check(onednn_convolve(plans[tile], x, packed, bias, y))
              }
            }
            // Not oneDNN's ReLU, which turns NaN into 0.
            if fusesReLU { kernel_relu(y, Int64(outputPositions.count * channels)) }
          }
        }
      }
    }
    return result
  }

  /// The gradient with respect to the input, `[positions, in]`, from that with respect to the output.
  ///
  /// At stride 1 it is the convolution of the gradient with the flipped kernel: oneDNN computes that up to twice as fast as
  /// its backward primitive.
  package func inputGradient(
    _ gradient: Tensor, _ extents: Extents, weight: Tensor, precision: Precision = .float32
  ) -> Tensor {
    let outputs = output(of: extents)
    let inputs = weight.shape[2] * groups
    let channels = weight.shape[3]
    if isProduct(outputs, inputs: inputs, channels: channels, precision) {
      return sum(
        ofColumns: Product.multiply(gradient, Self.matrix(weight), transposed: .second), extents, inputs: inputs)
    }
    if let adjoint {
      return adjoint.forward(gradient, outputs, weight: Self.flipped(weight), bias: nil, precision: precision)
    }
    var result = Tensor(uninitialized: [extents.positionCount, inputs])
    let tiles = tiles(extents, outputs, inputs, channels, limit: nil)
    let plans = tiles.map {
      plan(onednn_convolution_backward_input, extents.maps[$0.lowerBound], $0.count, inputs, channels, precision)
    }
    let packed = PackedWeights(weight, plans)
    gradient.withUnsafePointer { dy in
      result.withUnsafeMutablePointer { dx in
        ThreadPool.current.parallel(tiles.count) { tile in
          let first = tiles[tile].lowerBound
          let positions = outputs.positions(tiles[tile])
          packed.withPointer(tile) { packed in
            withOperand(dy + positions.lowerBound * channels, positions.count * channels, precision) { dy in
              check(onednn_convolve(plans[tile], dx + extents.starts[first] * inputs, packed, nil, dy))
            }
          }
        }
      }
    }
    return result
  }

  /// The gradient with respect to the weight, `[kh, kw, in, out]`: one partial sum per tile, added in tile order.
  package func weightGradient(
    _ x: Tensor, _ gradient: Tensor, _ extents: Extents, precision: Precision = .float32
  ) -> Tensor {
    let outputs = output(of: extents)
    let inputs = x.shape[1]
    let channels = gradient.shape[1]
    let shape = [window.kernel.height, window.kernel.width, inputs / groups, channels]
    let count = shape.reduce(1, *)
    if isWeightGradientProduct(outputs, inputs: inputs, channels: channels, precision) {
      return Product.multiply(columns(of: x, extents), gradient, transposed: .first).reshaped(to: shape)
    }
    let tiles = tiles(extents, outputs, inputs, channels, limit: 16)
    let plans = tiles.map {
      plan(onednn_convolution_backward_weight, extents.maps[$0.lowerBound], $0.count, inputs, channels, precision)
    }
    var partials = Tensor(uninitialized: [tiles.count, count])
    x.withUnsafePointer { x in
      gradient.withUnsafePointer { dy in
        partials.withUnsafeMutablePointer { partials in
          ThreadPool.current.parallel(tiles.count) { tile in
            let (positions, outputPositions) = (extents.positions(tiles[tile]), outputs.positions(tiles[tile]))
            var packed = Tensor(uninitialized: [onednn_packed_count(plans[tile])])
            packed.withUnsafeMutablePointer { packed in
              withOperand(x + positions.lowerBound * inputs, positions.count * inputs, precision) { x in
                withOperand(dy + outputPositions.lowerBound * channels, outputPositions.count * channels, precision) {
                  dy in
                  check(onednn_convolve(plans[tile], x, packed, nil, dy))
                }
              }
              check(onednn_unpack(plans[tile], packed, partials + tile * count))
            }
          }
        }
      }
    }
    var result = Tensor(zeros: shape)
    Rows.sum(partials, into: &result)
    return result
  }

  /// The weight as `[kh·kw·in, out]`.
  private static func matrix(_ weight: Tensor) -> Tensor {
    weight.reshaped(to: [weight.shape[0] * weight.shape[1] * weight.shape[2], weight.shape[3]])
  }

  /// The convolution that computes the input's gradient from the output's with the flipped kernel; only at stride 1.
  private var adjoint: Convolution? {
    let (kernel, padding) = (window.kernel, window.padding)
    let last = window.covered.height - 1
    guard window.stride == 1, groups == 1, kernel.height == kernel.width, padding.sides.allSatisfy({ $0 <= last })
    else { return nil }
    return Convolution(
      kernelHeight: kernel.height, kernelWidth: kernel.width,
      padding: Padding(
        top: last - padding.top, left: last - padding.left, bottom: last - padding.bottom,
        right: last - padding.right),
      dilation: window.dilation)
  }

  /// `[kh, kw, in, out]` rotated by 180° in the plane, as `[kh, kw, out, in]`.
  private static func flipped(_ weight: Tensor) -> Tensor {
    let (area, inputs, outputs) = (weight.shape[0] * weight.shape[1], weight.shape[2], weight.shape[3])
    var result = Tensor(uninitialized: [weight.shape[0], weight.shape[1], outputs, inputs])
    weight.withUnsafePointer { source in
      result.withUnsafeMutablePointer { target in
        ThreadPool.current.parallel(area) { position in
          kernel_transpose(
            source + position * inputs * outputs, target + (area - 1 - position) * inputs * outputs, Int64(inputs),
            Int64(outputs))
        }
      }
    }
    return result
  }

  private func channels(of weight: Tensor, input x: Tensor) -> (inputs: Int, outputs: Int) {
    precondition(
      weight.shape.count == 4 && x.shape.count == 2 && weight.shape[0] == window.kernel.height
        && weight.shape[1] == window.kernel.width && weight.shape[2] * groups == x.shape[1]
        && weight.shape[3] % groups == 0,
      "Convolution \(self): weight \(weight.shape) on maps \(x.shape)")
    return (x.shape[1], weight.shape[3])
  }

  /// Runs of consecutive maps of one extent, each of about two million MACs or of one map, whichever is more.
  ///
  /// - Parameter limit: about the most tiles wanted (more if extents alternate); `nil` for no limit.
  private func tiles(_ extents: Extents, _ outputs: Extents, _ inputs: Int, _ channels: Int, limit: Int?) -> [Range<
    Int
  >] {
    let each = window.kernel.area * inputs / groups * channels
    let total = outputs.positionCount * each
    let target = max(2_000_000, limit.map { total / $0 } ?? 0)
    var tiles: [Range<Int>] = []
    var first = 0
    while first < extents.count {
      let work = max(1, outputs.maps[first].area * each)
      let most = max(1, target / work)
      var end = first + 1
      while end < extents.count, end - first < most, extents.maps[end] == extents.maps[first] { end += 1 }
      tiles.append(first..<end)
      first = end
    }
    return tiles
  }

  private func plan(
    _ kind: onednn_convolution_kind, _ map: Extent, _ count: Int, _ inputs: Int, _ channels: Int,
    _ precision: Precision, hasBias: Bool = false
  ) -> OpaquePointer {
    let shape = onednn_convolution_shape(
      images: Int32(count), height: Int32(map.height), width: Int32(map.width), input_channels: Int32(inputs),
      output_channels: Int32(channels), groups: Int32(groups), kernel_height: Int32(window.kernel.height),
      kernel_width: Int32(window.kernel.width), stride: Int32(window.stride), dilation: Int32(window.dilation),
      top: Int32(window.padding.top), left: Int32(window.padding.left), bottom: Int32(window.padding.bottom),
      right: Int32(window.padding.right), has_bias: hasBias ? 1 : 0, bfloat16: precision == .bfloat16 ? 1 : 0)
    var status: Int32 = 0
    guard let plan = onednn_convolution_plan(kind, shape, &status) else {
      fatalError("Convolution: oneDNN \(OneDNN.version) has no plan for \(shape) (status \(status))")
    }
    return plan
  }
}

/// Lends maps in the number format that a plan reads: as they are, or rounded to bfloat16.
private func withOperand(
  _ x: UnsafePointer<Float>, _ count: Int, _ precision: Precision, _ body: (UnsafeMutableRawPointer) -> Void
) {
  switch precision {
  case .float32: body(UnsafeMutableRawPointer(mutating: x))
  case .bfloat16:
    withUnsafeTemporaryAllocation(byteCount: 2 * count, alignment: 64) { memory in
      guard let base = memory.baseAddress else { return }
      kernel_to_bfloat16(x, Int64(count), base.bindMemory(to: UInt16.self, capacity: count))
      body(base)
    }
  }
}

extension Extents {
  /// The positions of a run of maps.
  fileprivate func positions(_ maps: Range<Int>) -> Range<Int> { starts[maps.lowerBound]..<starts[maps.upperBound] }
}

/// The weight in each plan's layout; plans of one layout share a copy.
private struct PackedWeights {
  private var packed: [Tensor] = []
  private var copies: [Int] = []

  init(_ weight: Tensor, _ plans: [OpaquePointer]) {
    var distinct: [OpaquePointer] = []
    for plan in plans {
      if let index = distinct.firstIndex(where: { onednn_same_packing($0, plan) != 0 }) {
        copies.append(index)
        continue
      }
      var copy = Tensor(uninitialized: [onednn_packed_count(plan)])
      weight.withUnsafePointer { weight in
        copy.withUnsafeMutablePointer { packed in check(onednn_pack(plan, weight, packed)) }
      }
      copies.append(distinct.count)
      distinct.append(plan)
      packed.append(copy)
    }
  }

  func withPointer(_ tile: Int, _ body: (UnsafeMutablePointer<Float>) -> Void) {
    packed[copies[tile]].withUnsafePointer { body(UnsafeMutablePointer(mutating: $0)) }
  }
}

/// Facts about oneDNN on this machine, recorded with a run.
package enum OneDNN {
  /// The version, such as "2.6.3".
  package static var version: String { String(cString: onednn_version_text()) }
  /// The instruction set in use, such as "avx512_core_bf16".
  package static var instructionSet: String { String(cString: onednn_instruction_set()) }
}

/// Traps if oneDNN reports an error; checked shapes never cause one.
func check(_ status: Int32, function: String = #function) {
  precondition(status == 0, "oneDNN: status \(status) in \(function)")
}
