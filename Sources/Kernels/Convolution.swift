import CKernels
import COneDNN
package import Tensors

/// Two-dimensional convolution (cross-correlation, as in every framework) over maps that may differ in extent.
///
/// Maps `[positions, in]`, weight `[kh, kw, in, out]`, bias `[out]`, result `[output positions, out]`. Each map is padded
/// with `padding` zeros on every side; its output extent is floor((extent + 2·padding − kernel) / stride) + 1.
package struct Convolution: Sendable, Equatable {
  /// Rows of the kernel.
  package let kernelHeight: Int
  /// Columns of the kernel.
  package let kernelWidth: Int
  /// The distance of two outputs, in input positions.
  package let stride: Int
  /// Zeros on every side, in input positions.
  package let padding: Int

  /// A convolution; traps unless kernel and stride are positive and padding is at least 0.
  package init(kernelHeight: Int, kernelWidth: Int, stride: Int = 1, padding: Int = 0) {
    precondition(
      kernelHeight > 0 && kernelWidth > 0 && stride > 0 && padding >= 0,
      "Convolution: kernel \(kernelHeight) × \(kernelWidth), stride \(stride), padding \(padding)")
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.stride = stride
    self.padding = padding
  }

  /// The output extent of a map; 0 if the padded map is smaller than the kernel.
  package func output(of map: Extent) -> Extent {
    func extent(_ extent: Int, _ kernel: Int) -> Int {
      let free = extent + 2 * padding - kernel
      return free < 0 ? 0 : free / stride + 1
    }
    return Extent(height: extent(map.height, kernelHeight), width: extent(map.width, kernelWidth))
  }

  /// The output extents of a batch; traps if a padded map is smaller than the kernel.
  package func output(of extents: Extents) -> Extents {
    Extents(
      extents.maps.map { map in
        let result = output(of: map)
        precondition(result.area > 0, "Convolution: a map of \(map) is smaller than the kernel \(self)")
        return result
      })
  }

  /// The convolution of `x`, then ReLU if `fusesReLU`.
  package func forward(
    _ x: Tensor, _ extents: Extents, weight: Tensor, bias: Tensor?, precision: Precision = .float32,
    fusesReLU: Bool = false
  ) -> Tensor {
    let outputs = output(of: extents)
    let (inputs, channels) = channels(of: weight, input: x)
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
    if stride == 1, kernelHeight == kernelWidth, padding < kernelHeight {
      let adjoint = Convolution(
        kernelHeight: kernelHeight, kernelWidth: kernelWidth, padding: kernelHeight - 1 - padding)
      return adjoint.forward(gradient, outputs, weight: Self.flipped(weight), bias: nil, precision: precision)
    }
    let inputs = weight.shape[2]
    let channels = weight.shape[3]
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
    let shape = [kernelHeight, kernelWidth, inputs, channels]
    let count = shape.reduce(1, *)
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
      weight.shape.count == 4 && x.shape.count == 2 && weight.shape[0] == kernelHeight
        && weight.shape[1] == kernelWidth && weight.shape[2] == x.shape[1],
      "Convolution \(self): weight \(weight.shape) on maps \(x.shape)")
    return (weight.shape[2], weight.shape[3])
  }

  /// Runs of consecutive maps of one extent, each of about two million MACs or of one map, whichever is more.
  ///
  /// - Parameter limit: about the most tiles wanted (more if extents alternate); `nil` for no limit.
  private func tiles(_ extents: Extents, _ outputs: Extents, _ inputs: Int, _ channels: Int, limit: Int?) -> [Range<
    Int
  >] {
    let each = kernelHeight * kernelWidth * inputs * channels
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
      output_channels: Int32(channels), kernel_height: Int32(kernelHeight), kernel_width: Int32(kernelWidth),
      stride: Int32(stride), padding: Int32(padding), has_bias: hasBias ? 1 : 0,
      bfloat16: precision == .bfloat16 ? 1 : 0)
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
